"""The one error shape, whoever notices the error: Django, DRF, a limit, a crash, or a database that is gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from local.testing.cast import booking_request, soon
from peepopay import errors
from peepopay.api_outputs import error_answer

from .openapi import CheckedClient

ELSEWHERE = "https://sams-plumbing.example"


@pytest.fixture
def send(client):
    return CheckedClient(client).send


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/bookings/1", "/webhooks/nothing", "/api/tradies/nobody"]
)
def test_an_unknown_address_is_404_in_json(send, db, path):
    response = send("GET", path)
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


def test_an_unknown_page_is_a_page(client, db):
    response = client.get("/nothing")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there_names_those_that_are(send, db):
    response = send("DELETE", "/api/bookings")
    assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in response["Allow"].split(", ")


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "a b", "[::1", "testserver:port"]
)
def test_a_host_that_is_not_ours_is_400_in_json(send, db, host):
    response = send("GET", "/api/tradies/sam", host=host)
    assert (response.status_code, response.json()["code"]) == (400, "MALFORMED_REQUEST")
    assert host not in response.content.decode()


def test_too_many_tries_are_429_and_told_when_to_come_back(send, sam):
    answers = [send("POST", "/api/bookings", {}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [400] * 20 + [429]
    assert answers[-1].json()["code"] == "RATE_LIMITED"
    assert 0 < int(answers[-1]["Retry-After"]) <= 600


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/tradies/{slug}"), ("POST", "/api/bookings")])
def test_a_crash_tells_nothing_to_strangers_and_everything_to_the_log(send, sam, quote, caplog, method, path):
    body = booking_request(quote, soon(sam)) if method == "POST" else None
    rename("accounts_service", "hidden_table")
    try:
        response = send(method, path.format(slug=sam.slug), body)
    finally:
        rename("hidden_table", "accounts_service")
    assert (response.status_code, response.json()) == (500, error_answer(errors.InternalError()))
    assert "accounts_service" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_cannot_be_stored_is_not_a_success(send, settings):
    """Stripe tries again for three days after anything but a 2xx."""
    from web.tests.test_webhook import signed

    body = b'{"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1, "livemode": false,'
    body += b' "data": {"object": {"id": "pi_1", "metadata": {"payment_id": "1"}}}}'
    rename("payments_stripeevent", "hidden_table")
    try:
        signature = signed(body, settings.STRIPE_WEBHOOK_SECRETS[0])
        response = send("POST", "/webhooks/stripe", body, stripe_signature=signature)
    finally:
        rename("hidden_table", "payments_stripeevent")
    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


def rename(table: str, other: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {other}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/api/tradies/sam-plumber"), ("GET", "/api/availability/sam-plumber?date=2027-01-14")),
        *(("POST", "/api/bookings"), ("GET", f"/api/bookings/{'0' * 8}-0000-0000-0000-000000000007")),
    ],
)
def test_a_database_that_breaks_off_is_503_and_told_when_to_come_back(
    send, sam, quote, monkeypatch, method, path
):
    body = booking_request(quote, soon(sam)) if method == "POST" else None
    headers = {"authorization": "Bearer abcdefghijklmnopqrstuvwx"}
    with connection.execute_wrapper(gone):
        response = send(method, path, body, **headers)
    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert response["Retry-After"].isdigit()


def gone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """As the driver reports a server that closed the connection."""
    from django.db import OperationalError

    raise OperationalError("server closed the connection unexpectedly; host=db-1.internal")


@pytest.mark.parametrize("error", errors.ALL_ERRORS, ids=lambda error: error.code)
def test_every_error_has_a_class_a_sentence_and_a_code(error):
    body = error_answer(error())
    assert (body["success"], body["code"], body["statusCode"]) == (False, error.code, error.status)
    assert body["error"]
    assert body["message"][0].isupper()
    assert body["message"].endswith(".")


def test_the_list_of_errors_is_complete_and_no_code_is_there_twice():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)} - {errors.AppError}
    assert {kind for kind in kinds if issubclass(kind, errors.AppError)} == set(errors.ALL_ERRORS)
    assert len({error.code for error in errors.ALL_ERRORS}) == len(errors.ALL_ERRORS)


# ---- CORS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/tradies/sam-plumber", 200),
        ("GET", "/api/tradies/nobody", 404),
        ("GET", "/api/tradies", 404),
        ("POST", "/api/bookings", 400),
        ("DELETE", "/api/bookings", 405),
        ("GET", "/api/availability/sam-plumber?date=never", 400),
        ("GET", "/api/tradies/a%00b", 400),
    ],
)
def test_any_site_may_read_answers_and_errors_without_cookies(send, sam, method, path, status):
    response = send(method, path, {} if method == "POST" else None, origin=ELSEWHERE)
    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.has_header("Access-Control-Allow-Credentials")
    assert not response.cookies


@pytest.mark.django_db
def test_the_webhook_and_the_pages_are_for_no_other_site(client):
    for path in ("/webhooks/stripe", "/accounts/login/", "/health"):
        assert not client.get(path, headers={"origin": ELSEWHERE}).has_header("Access-Control-Allow-Origin")


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), [("/api/bookings", "POST"), ("/api/bookings/1", "PATCH")])
def test_a_preflight_allows_what_the_widget_sends(client, path, method):
    response = client.options(
        path,
        headers={
            "origin": ELSEWHERE,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,idempotency-key",
        },
    )
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert method in response["Access-Control-Allow-Methods"]
    allowed = response["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed)
    assert int(response["Access-Control-Max-Age"]) >= 3600
