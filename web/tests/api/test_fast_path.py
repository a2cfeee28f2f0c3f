"""Stored answers given before Django: the same answers, and nothing let through that Django would have stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from peepopay import throttling
from peepopay.local_time import in_zone
from web.api.fast_path import CachedAvailability, is_allowed_host, simple_question
from web.tests.api.http import Response, get
from web.wsgi import django_application

# Django closes connections around a request, which would end a test's own transaction.
pytestmark = pytest.mark.django_db(transaction=True)
Ask = Callable[..., Response]


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
        return django_application(environ, start_response)

    application = CachedAvailability(django)
    return lambda address, **environ: get(application, address, **environ)


def test_a_stored_answer_never_reaches_django(ask: Ask, address: str, django_calls: list[str]) -> None:
    first, again = ask(address), ask(address)
    assert len(django_calls) == 1
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body


@pytest.mark.parametrize(
    "environ",
    [{}, {"HTTP_ORIGIN": "https://sam.example"}, {"HTTP_IF_NONE_MATCH": '"other"'}],
    ids=["same origin", "another origin", "conditional"],
)
def test_its_headers_are_those_of_django(ask: Ask, address: str, environ: dict[str, str]) -> None:
    first, again = ask(address, **environ), ask(address, **environ)
    assert again == first
    assert again.headers["x-content-type-options"] == "nosniff"
    assert ("access-control-allow-origin" in again.headers) == ("HTTP_ORIGIN" in environ)


def test_what_the_client_has_is_not_sent_again(ask: Ask, address: str, django_calls: list[str]) -> None:
    etag = ask(address).headers["etag"]
    again = ask(address, HTTP_IF_NONE_MATCH=etag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    assert len(django_calls) == 1


@pytest.mark.parametrize(
    "addition", ["&hold=secret", "&cachebust=1", "&service=42", "&date=2027-01-01", "&postcode=x"]
)
def test_anything_unusual_goes_on_to_django(
    ask: Ask, address: str, django_calls: list[str], addition: str
) -> None:
    ask(address)
    ask(address + addition)
    assert len(django_calls) == 2


def test_a_host_that_is_not_ours_is_refused(ask: Ask, address: str) -> None:
    ask(address)
    refused = ask(address, HTTP_HOST="evil.example")
    assert (refused.status, refused.json()["code"]) == (400, "MALFORMED_REQUEST")


def test_too_many_requests_are_refused(ask: Ask, address: str, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttling, "READS_PER_MINUTE", 5)
    answers = [ask(address, REMOTE_ADDR="198.51.100.9") for _ in range(8)]
    assert answers[0].status == 200
    assert (answers[-1].status, answers[-1].json()["code"]) == (429, "RATE_LIMITED")
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


def test_the_names_of_questions() -> None:
    service = "0b6e7a38-5c1d-4f0e-9a37-1f2f6f0f5a11"
    assert simple_question("month=2027-01") == "2027-01 "
    assert simple_question(f"service={service}&month=2027-01&postcode=2042") == f"2027-01 {service}"
    assert simple_question("date=2027-01-14&service=") == "2027-01-14 "
    for query in ("", "service=", "date=2027-01-14&month=2027-01", "date", "date=2027-01-14&date=2027-01-15"):
        assert simple_question(query) is None


def test_host_names_are_checked_as_django_does() -> None:
    assert is_allowed_host("testserver:8000")
    assert not is_allowed_host("")
    assert not is_allowed_host("testserver@evil.example")
