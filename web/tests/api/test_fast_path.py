"""Stored answers given before Django: the same answers, and nothing let through that Django would have stopped."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.urls import resolve
from django.utils import timezone
from prometheus_client import REGISTRY

from accounts.models import Service, Tradie
from peepopay import throttling
from peepopay.local_time import in_zone
from web.api import stored_figures
from web.api.availability_query import Query, query_in
from web.api.fast_path import CachedAvailability, is_allowed_host
from web.tests.api.http import Response, get
from web.wsgi import django_application

# Django closes connections around a request, which would end a test's own transaction.
pytestmark = pytest.mark.django_db(transaction=True)
Ask = Callable[..., Response]
# DRF says under every answer what is allowed, which nobody needs under a GET; and nothing happens in giving a stored
# answer that a line of the log, found by the request's id, could tell of.
ONLY_FROM_DJANGO = ("allow", "x-request-id")


@pytest.fixture
def address(sam: Tradie, drain: Service) -> str:
    day = in_zone(timezone.now(), sam.timezone).date() + timedelta(days=3)
    return f"/api/availability/{sam.slug}?date={day}"


@pytest.fixture
def django_calls() -> list[str]:
    """Query strings of the requests that reached Django."""
    return []


@pytest.fixture
def ask(django_calls: list[str]) -> Ask:
    """Ask an application of one's own, which notes what it passes on to Django."""

    def django(environ: dict[str, Any], start_response: Any) -> Any:
        django_calls.append(environ["QUERY_STRING"])
        return fresh(environ, start_response)

    fresh = WSGIHandler()  # with the settings of this test
    application = CachedAvailability(django)
    return lambda address, **environ: get(application, address, **environ)


def test_a_stored_answer_never_reaches_django(ask: Ask, address: str, django_calls: list[str]) -> None:
    first, again = ask(address), ask(address)
    assert len(django_calls) == 1
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body


@pytest.mark.parametrize("https", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    "environ",
    [{}, {"HTTP_ORIGIN": "https://sam.example"}, {"HTTP_IF_NONE_MATCH": '"other"'}],
    ids=["same origin", "another origin", "conditional"],
)
def test_its_headers_are_those_of_django(
    settings: Any, request: Any, address: str, environ: dict[str, str], https: bool
) -> None:
    settings.SECURE_HSTS_SECONDS = 3600
    ask: Ask = request.getfixturevalue("ask")
    environ = environ | {"wsgi.url_scheme": "https" if https else "http"}
    first, again = ask(address, **environ), ask(address, **environ)
    assert again.headers | {name: first.headers[name] for name in ONLY_FROM_DJANGO} == first.headers
    assert again.headers["x-content-type-options"] == "nosniff"
    assert ("access-control-allow-origin" in again.headers) == ("HTTP_ORIGIN" in environ)
    assert ("strict-transport-security" in again.headers) == https


def test_each_is_counted_once_in_the_bucket_of_its_seconds(ask: Ask, address: str) -> None:
    stored_figures.add_up()

    def counted(status: str, bucket: str = "+Inf") -> float:
        labels = {"route": stored_figures.ROUTE, "method": "GET", "status": status, "le": bucket}
        return REGISTRY.get_sample_value("peepopay_http_request_seconds_bucket", labels) or 0.0

    def seconds() -> float:
        labels = {"route": stored_figures.ROUTE, "method": "GET", "status": "2xx"}
        return REGISTRY.get_sample_value("peepopay_http_request_seconds_sum", labels) or 0.0

    def hits() -> float:
        return REGISTRY.get_sample_value("peepopay_slot_cache_answers_total", {"result": "hit"}) or 0.0

    etag = ask(address).headers["etag"]
    before = hits(), counted("2xx"), counted("2xx", "0.25"), counted("3xx"), seconds()
    ask(address)
    ask(address, HTTP_IF_NONE_MATCH=etag)
    stored_figures.given.note(0.2)
    stored_figures.given.note(0.25)
    stored_figures.given.note(0.3)
    stored_figures.add_up()
    after = hits(), counted("2xx"), counted("2xx", "0.25"), counted("3xx"), seconds()
    found = [round(now - then, 1) for now, then in zip(after, before, strict=True)]
    assert found == [5, 4, 3, 1, 0.8]  # 0.75 and what the first took
    stored_figures.add_up()
    assert hits() == after[0]


def test_the_route_that_they_are_counted_under_is_that_of_all_others(address: str) -> None:
    assert resolve(address.partition("?")[0]).route == stored_figures.ROUTE


def test_no_header_of_another_request_is_repeated(address: str) -> None:
    """Whatever else is put on answers, a request's number for instance, stays on that answer."""
    numbers = itertools.count(1)

    def numbered(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            mine = [("X-Request-Id", str(next(numbers))), ("X-Served-By", "web-1"), ("Set-Cookie", "jo=1")]
            return start_response(status, [*headers, *mine], *error)

        return django_application(environ, start)

    application = CachedAvailability(numbered)
    answers = [get(application, address) for _ in range(3)]
    assert [answer.headers.get("x-request-id") for answer in answers] == ["1", None, None]
    assert not {"x-served-by", "set-cookie"} & set(answers[-1].headers)


def test_what_the_client_has_is_not_sent_again(ask: Ask, address: str, django_calls: list[str]) -> None:
    etag = ask(address).headers["etag"]
    for given in (etag, f"W/{etag}", f'"another", {etag}', "*"):
        again = ask(address, HTTP_IF_NONE_MATCH=given)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    for other in ('"another"', f"x{etag[1:-1]}y", "nonsense"):
        assert ask(address, HTTP_IF_NONE_MATCH=other).status == 200
    assert len(django_calls) == 1


def test_a_304_is_the_one_that_django_gives(address: str, ask: Ask) -> None:
    etag = get(CachedAvailability(django_application), address).headers["etag"]
    given = {"HTTP_IF_NONE_MATCH": etag, "HTTP_ORIGIN": "https://sam.example"}
    django = get(django_application, address, **given)
    for name in ONLY_FROM_DJANGO:
        del django.headers[name]
    assert ask(address, **given) == django


@pytest.mark.parametrize(
    "addition",
    [
        "&hold=secret",
        "&service=42",
        "&calendar=42",
        "&date=2027-01-01",
        "&month=2027-01",
        "&postcode=2042",
        "&x=%00",
        "&a" * 1001,
    ],
)
def test_another_question_goes_on_to_django(
    ask: Ask, address: str, django_calls: list[str], addition: str
) -> None:
    ask(address)
    assert ask(address + addition).status in (200, 400)
    assert len(django_calls) == 2


@pytest.mark.parametrize("addition", ["&cachebust=1", "&postcode=x", "&hold=", "&service=", "&calendar="])
def test_the_same_question_in_other_words_does_not(
    ask: Ask, address: str, django_calls: list[str], addition: str
) -> None:
    first = ask(address)
    assert ask(address + addition).body == first.body
    assert len(django_calls) == 1


def test_a_host_that_is_not_ours_is_refused(ask: Ask, address: str) -> None:
    ask(address)
    refused = ask(address, HTTP_HOST="evil.example")
    assert (refused.status, refused.json()["code"]) == (400, "MALFORMED_REQUEST")


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "computed"])
def test_each_request_counts_once(
    ask: Ask, sam: Tradie, address: str, monkeypatch: Any, stored: bool
) -> None:
    monkeypatch.setattr(throttling, "READS_PER_MINUTE", 5)
    monkeypatch.setattr(throttling, "_reads", throttling._ReadCounter())
    ask(address, REMOTE_ADDR="198.51.100.8")
    asked = [address if stored else f"{address}&postcode={2000 + n}" for n in range(7)]
    answers = [ask(one, REMOTE_ADDR="198.51.100.9") for one in asked]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "RATE_LIMITED"
    assert "retry-after" in answers[-1].headers
    assert ask(address, REMOTE_ADDR="198.51.100.10").status == 200


def test_plain_http_is_left_to_django_where_https_is_required(
    ask: Ask, address: str, django_calls: list[str], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    for proto in ("https", "https", "http"):
        ask(address, HTTP_X_FORWARDED_PROTO=proto)
    assert len(django_calls) == 2


def test_only_get_is_answered(ask: Ask, address: str, django_calls: list[str]) -> None:
    ask(address)
    assert ask(address, REQUEST_METHOD="POST").status == 405
    assert ask(address, REQUEST_METHOD="HEAD").status == 200
    assert len(django_calls) == 3


def test_a_question_is_read_once(ask: Ask, address: str) -> None:
    """By the wrapper; the view behind it gets what was read."""
    query_in.cache_clear()
    ask(address)
    ask(address)
    assert query_in.cache_info().misses == 1


def test_all_that_an_answer_may_depend_on_is_in_its_key() -> None:
    """A field added to the query must tell answers apart too, or make them personal."""
    plain = Query("2027-01-14", date(2027, 1, 14), False, None, None, "", "")
    other: dict[str, Any] = {
        "when": "2027-01-15",
        "first": date(2027, 1, 15),
        "is_month": True,
        "service_id": uuid.uuid4(),
        "calendar_id": uuid.uuid4(),
        "postcode": "2042",
        "hold": "secret",
        "in_minutes": True,
    }
    assert set(other) == {field.name for field in fields(Query)}
    for name in ("when", "service_id", "calendar_id", "postcode", "in_minutes"):
        assert replace(plain, **{name: other[name]}).key != plain.key
    assert replace(plain, hold="secret").is_personal


def test_host_names_are_checked_as_django_does() -> None:
    assert is_allowed_host("testserver:8000")
    assert not is_allowed_host("")
    assert not is_allowed_host("testserver@evil.example")
