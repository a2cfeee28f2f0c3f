"""One request followed through every process, and nothing personal in any log, least of all when things break."""

from __future__ import annotations

import email
import email.policy
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from local.ports import wait_until
from local.testing.crowd import Answer, ask
from local.testing.sentry import Event, Sentry

from .conftest import SETTLED_SECONDS, Town

pytestmark = pytest.mark.slow

CUSTOMER = {"name": "Zebulon Quagga", "email": "zebulon@canary.example", "phone": "0491 570 156"}
ADDRESS = {"line1": "77 Quetzal Lane", "suburb": "Newtown", "state": "NSW", "postcode": "2042"}
PERSONAL = ["Zebulon", "Quagga", "canary.example", "491570156", "491 570 156", "Quetzal"]


def book(town: Town, **headers: str) -> Answer:
    body = town.shop.order(town.shop.service("Free quote"), town.free.pop())
    body |= {"customer": CUSTOMER, "address": ADDRESS, "notes": "Mind the quetzal, says Zebulon."}
    return ask(town.stack.site_url, "POST", "/api/bookings", body, **headers)


def logs(town: Town) -> dict[str, str]:
    """Of every process of the product and of its servers."""
    return {path.stem: path.read_text(errors="replace") for path in town.stack.folder.glob("**/*.log")}


@contextmanager
def refusing(town: Town, table: str, condition: str) -> Iterator[None]:
    """A CHECK of PostgreSQL that the canary's next row breaks: its error quotes the row."""
    with psycopg.connect(town.stack.env["DATABASE_URL"], autocommit=True) as link:
        link.execute(f"ALTER TABLE {table} ADD CONSTRAINT canary CHECK ({condition}) NOT VALID")
        try:
            yield
        finally:
            link.execute(f"ALTER TABLE {table} DROP CONSTRAINT canary")


def mails_of(town: Town, request_id: str) -> list[str]:
    """To whom."""
    paths = (town.stack.sent / "mail").glob("*.eml")
    mails = [email.message_from_bytes(Path(path).read_bytes(), policy=email.policy.default) for path in paths]
    return [str(mail["To"]) for mail in mails if mail["X-Request-ID"] == request_id]


@pytest.fixture(scope="module")
def followed(opened: Town) -> tuple[Answer, str]:
    """A booking whose customer's browser brought an id along."""
    given = uuid.uuid4()
    return book(opened, x_request_id=str(given)), given.hex


def test_a_request_id_goes_through_web_rows_workers_and_mails(
    opened: Town, followed: tuple[Answer, str]
) -> None:
    made, request_id = followed
    assert (made.status, made.headers["x-request-id"]) == (201, request_id)
    events = "SELECT request_id FROM bookings_bookingevent WHERE booking_id = %s"
    assert opened.stack.query(events, made.body["booking"]["id"]) == [(request_id,)]
    opened.wait_told()
    assert sorted(mails_of(opened, request_id)) == ["joe@example.com", CUSTOMER["email"]]
    messages = opened.stack.query("SELECT id FROM notifications_message WHERE request_id = %s", request_id)
    assert len(messages) >= 2
    found = logs(opened)
    assert f"[{request_id}] POST api/bookings 201 " in found["web"]
    for (message,) in messages:
        assert f"[{request_id}] notifications.Message {message}: done at attempt 1" in found["worker"]


def test_nothing_personal_is_in_any_log_or_report_when_everything_breaks(
    town: Town, followed: tuple[Answer, str], sentry: Sentry
) -> None:
    token, site = followed[0].body["token"], town.stack.site_url
    with refusing(town, "bookings_booking", "customer_name <> 'Zebulon Quagga'"):
        crashed = book(town)
    assert crashed.status == 500
    ask(site, "POST", f"/manage/{token}/cancel")
    ask(site, "GET", f"/api/bookings/{uuid.uuid4()}", authorization=f"Bearer {token}")
    for path in (f"/manage/{token}/nothing", f"/manage/{token}?name=Zebulon", f"/join/{token}x"):
        ask(site, "GET", path)

    with refusing(town, "notifications_message", "recipient <> 'zebulon@canary.example' OR attempts = 0"):
        stuck = book(town)
        assert stuck.status == 201
        failed = "Task outbox.notifications.message["
        assert wait_until(lambda: failed in logs(town)["worker"], seconds=SETTLED_SECONDS)
    again = "UPDATE notifications_message SET due_at = now(), waiting_since = NULL, lease = lease + 1 WHERE"
    town.stack.query(
        f"{again} request_id = %s AND done_at IS NULL RETURNING id", stuck.headers["x-request-id"]
    )
    town.wait_told()

    found = logs(town)
    assert {"web", "worker", "relay", "beat", "postgres", "valkey", "rabbitmq"} <= set(found)
    found["sentry"] = b"".join(sentry.raw).decode()
    one_of_each_is_reported(sentry, crashed, stuck)
    # The errors themselves are there, by type and constraint, under the request they belong to.
    assert f"[{crashed.headers['x-request-id']}] unexpected error in the API" in found["web"]
    assert "CheckViolation 23514 canary" in found["web"]
    assert "CheckViolation 23514 canary" in found["worker"]
    assert 'violates check constraint "canary"' in found["postgres"]
    secrets = [*PERSONAL, token, stuck.body["token"]]
    leaks = {(name, secret) for name, text in found.items() for secret in secrets if secret in text}
    assert not leaks


def one_of_each_is_reported(sentry: Sentry, crashed: Answer, stuck: Answer) -> None:
    """The 500 of web under its route, and the task's failure under its name."""
    (of_web,) = sentry.of_request(crashed.headers["x-request-id"])
    assert said_by(of_web) == {
        "environment": "tests",
        "level": "error",
        "message": "unexpected error in the API",
        "release": "20261126",
        "transaction": "api/bookings",
    }
    assert of_web["tags"] == {"program": "web", "request_id": crashed.headers["x-request-id"]}
    causes = [(value["type"], value["value"]) for value in of_web["exception"]["values"]]
    assert causes[0] == ("CheckViolation", "CheckViolation 23514 canary")
    assert causes[-1][0] == "IntegrityError"
    ours = [
        frame["filename"]
        for frame in of_web["exception"]["values"][-1]["stacktrace"]["frames"]
        if frame["in_app"]
    ]
    assert "bookings/scheduling.py" in ours
    name = "outbox.notifications.message"
    assert {event["tags"]["program"] for event in sentry.of(lambda event: event["transaction"] == name)} == {
        "worker"
    }
    for event in sentry.events():
        assert {"request", "user", "extra", "modules"} & set(event) == set()
        assert event["breadcrumbs"] == {"values": []}
        assert "'vars'" not in str(event)


def said_by(event: Event) -> dict[str, str]:
    return {name: event[name] for name in ("environment", "level", "message", "release", "transaction")}


def test_every_other_5xx_is_reported_once_by_its_route(town: Town, sentry: Sentry) -> None:
    """Without an error in the log: Stripe is away, and the customer is told so."""
    town.stripe.fault("/v1/payment_intents", status=500, times=0)
    refused = town.tap()
    assert refused.status == 503
    (event,) = sentry.of_request(refused.headers["x-request-id"])
    assert (event["transaction"], event["tags"]["status"], event["tags"]["method"]) == (
        "api/bookings",
        "503",
        "POST",
    )


@pytest.mark.parametrize("status", [None, 429, 500])
def test_a_sentry_that_hangs_or_refuses_holds_up_nobody(
    town: Town, sentry: Sentry, status: int | None
) -> None:
    sentry.status = status
    with refusing(town, "bookings_booking", "customer_name <> 'Zebulon Quagga'"):
        crashed = [book(town) for _ in range(10)]
    sentry.status = 200
    assert {answer.status for answer in crashed} == {500}
    assert max(answer.seconds for answer in crashed) < 1
    assert town.quote().seconds < 1
