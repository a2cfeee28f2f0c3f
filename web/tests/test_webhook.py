"""POST /webhooks/stripe and what the worker does with the event."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.cast import soon
from local.testing.working import work_on
from notifications.models import Message
from payments.models import Payment, StripeEvent

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = str(uuid.UUID(int=7))


def signed(body: bytes, secret: str, at: float | None = None) -> str:
    moment = int(at or time.time())
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mac}"


def deliver(client, world, event: dict, *, secret: str | None = None, at: float | None = None):
    body = json.dumps(event).encode()
    signature = signed(body, secret or world.webhook_secret, at)
    return client.post(
        "/webhooks/stripe", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )


def run_inbox() -> None:
    for event in StripeEvent.objects.filter(done_at=None):
        work_on(event)


@pytest.fixture
def paid(api, sam, drain, stripe_app):
    """Jo's booking, paid at Stripe, and we have not heard of it yet; with the event that Stripe will send."""
    body = api.book(drain, soon(sam)).json()
    stripe_app.pay(body["payment"]["client_secret"])
    (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.succeeded"]
    return Booking.objects.get(pk=body["booking"]["id"]), event


def test_the_event_is_stored_and_the_worker_confirms(client, stripe_app, paid):
    booking, event = paid
    assert deliver(client, stripe_app, event).status_code == 200
    booking.refresh_from_db()
    assert booking.status == Status.PENDING  # the webhook itself does nothing but store
    run_inbox()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    assert Payment.objects.get().status == "succeeded"
    assert Message.objects.filter(about=booking.pk).count() == 3


def test_a_replayed_event_is_stored_once_and_tells_nobody_twice(client, stripe_app, paid):
    booking, event = paid
    for _ in range(5):
        assert deliver(client, stripe_app, event).status_code == 200
        run_inbox()
    assert StripeEvent.objects.get().runs == 1
    assert Message.objects.filter(about=booking.pk).count() == 3


def test_a_late_payment_failed_does_not_undo_a_paid_booking(client, stripe_app, paid):
    booking, event = paid
    deliver(client, stripe_app, event)
    run_inbox()
    late = {**event, "id": "evt_late", "type": "payment_intent.payment_failed"}
    late["data"]["object"]["status"] = "requires_payment_method"
    deliver(client, stripe_app, late)
    run_inbox()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_an_event_that_says_paid_is_not_believed_without_asking_stripe(client, api, sam, drain, stripe_app):
    body = api.book(drain, soon(sam)).json()
    (created,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.created"]
    lie = {**created, "id": "evt_lie", "type": "payment_intent.succeeded"}
    lie["data"]["object"]["status"] = "succeeded"
    deliver(client, stripe_app, lie)
    run_inbox()
    assert Booking.objects.get(pk=body["booking"]["id"]).status == Status.PENDING


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda event: {"secret": "whsec_wrong"}, id="wrong secret"),
        pytest.param(lambda event: {"at": time.time() - 3600}, id="signed an hour ago"),
    ],
)
def test_a_bad_signature_is_refused(client, stripe_app, paid, spoil):
    _, event = paid
    response = deliver(client, stripe_app, event, **spoil(event))
    assert (response.status_code, response.json()["code"]) == (400, "MALFORMED_REQUEST")
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff\xfe", b'"text"'])
@pytest.mark.parametrize("header", [{}, {"Stripe-Signature": "nonsense"}, {"Stripe-Signature": "t=1,v1=ab"}])
def test_what_is_no_signed_event_answers_400(client, stripe_app, body, header):
    response = client.post("/webhooks/stripe", body, content_type="application/json", headers=header)
    assert (response.status_code, response.json()["success"]) == (400, False)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"id": 1}', b'{"id": "e", "type": "x", "object": "event"}']
)
def test_signed_nonsense_answers_400_too(client, stripe_app, body):
    header = {"Stripe-Signature": signed(body, stripe_app.webhook_secret)}
    response = client.post("/webhooks/stripe", body, content_type="application/json", headers=header)
    assert response.status_code == 400


ODD = [
    None,
    True,
    7,
    7.5,
    -1,
    10**30,
    "",
    "x",
    "a\0b",
    "x" * 5_000,
    [],
    [7],
    {},
    {"payment_id": {}},
    {"id": 7},
]
PLACES = [
    *("id", "type", "object", "created", "livemode", "account", "data", "data.object", "related_object"),
    *("data.object.id", "data.object.metadata", "data.object.payment_intent"),
]


@pytest.mark.parametrize("kind", ["payment_intent.succeeded", "charge.refunded", "account.updated"])
@pytest.mark.parametrize("place", PLACES)
def test_whatever_a_signed_event_holds_it_is_taken_or_refused_and_nothing_breaks(
    client, stripe_app, place, kind
):
    for number, odd in enumerate(ODD):
        event = {
            "id": f"evt_{number}",
            "object": "event",
            "type": kind,
            "created": 1_800_000_000,
            "livemode": False,
            "account": "acct_1",
            "data": {"object": {"id": "pi_1", "metadata": {"payment_id": NOBODY}}},
        }
        *outer, last = place.split(".")
        inner = event
        for name in outer:
            inner = inner[name]
        inner[last] = odd
        assert deliver(client, stripe_app, event).status_code in (200, 400), (place, odd)


@pytest.mark.parametrize("metadata", [7, 7.5, True, "payment_id", ["payment_id"], [["payment_id", 7]]])
def test_metadata_that_is_no_table_makes_an_event_somebody_elses(client, stripe_app, paid, metadata):
    event = {**paid[1], "data": {"object": {"id": "pi_x", "metadata": metadata}}}
    assert deliver(client, stripe_app, event).status_code == 200
    assert not StripeEvent.objects.exists()


def padded(event: dict, length: int) -> dict:
    """The event with so long a description that its JSON has `length` bytes."""
    event = {**event, "description": ""}
    return {**event, "description": "x" * (length - len(json.dumps(event)))}


def test_an_event_of_256_kb_is_taken(client, stripe_app, paid):
    assert deliver(client, stripe_app, padded(paid[1], 256 * 1024)).status_code == 200
    run_inbox()
    assert Booking.objects.get().status == Status.CONFIRMED


def test_a_larger_one_is_refused_signed_or_not(client, stripe_app, paid):
    for length in (256 * 1024 + 1, 5_000_000):
        for secret in (None, "whsec_wrong"):
            response = deliver(client, stripe_app, padded(paid[1], length), secret=secret)
            assert (response.status_code, response.json()["code"]) == (400, "MALFORMED_REQUEST")
    assert not StripeEvent.objects.exists()


def test_the_second_configured_secret_works_while_keys_rotate(client, stripe_app, settings, paid):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", stripe_app.webhook_secret]
    assert deliver(client, stripe_app, paid[1]).status_code == 200
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"livemode": True}, id="the wrong mode"),
        pytest.param({"type": "customer.created"}, id="a type we don't act on"),
        pytest.param({"data": {"object": {"id": "pi_x", "metadata": {}}}}, id="somebody else's payment"),
    ],
)
def test_what_is_not_ours_answers_200_and_is_ignored(client, stripe_app, paid, change):
    assert deliver(client, stripe_app, {**paid[1], **change}).status_code == 200
    assert not StripeEvent.objects.exists()


def test_an_unknown_object_is_done_without_harm(client, stripe_app, paid):
    _, event = paid
    event["data"]["object"]["id"] = "pi_unknown"
    assert deliver(client, stripe_app, {**event, "id": "evt_unknown"}).status_code == 200
    run_inbox()
    assert StripeEvent.objects.get(pk="evt_unknown").done_at


def test_while_stripe_is_away_the_event_waits(client, stripe_app, paid):
    booking, event = paid
    deliver(client, stripe_app, event)
    stripe_app.fault("GET /v1/payment_intents", status=500, times=0)
    run_inbox()
    row = StripeEvent.objects.get()
    assert (row.done_at, row.attempts, row.due_at > timezone.now()) == (None, 0, True)
    stripe_app.clear_faults()
    run_inbox()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_an_account_that_loses_its_cards_is_noticed(client, api, sam, stripe_app):
    stripe_app.set_account("acct_demo_joe", "restricted")
    (event,) = [e for e in stripe_app.events() if e["type"] == "account.updated"]
    assert deliver(client, stripe_app, event).status_code == 200
    run_inbox()
    sam.connected_account.refresh_from_db()
    assert sam.connected_account.can_charge is False
    assert api.get(f"/api/tradies/{sam.slug}").json()["stripe"] is None


def test_a_webhook_that_cannot_be_stored_answers_503_so_that_stripe_retries(client, stripe_app, paid):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_stripeevent RENAME TO gone")
    try:
        response = deliver(client, stripe_app, paid[1])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO payments_stripeevent")
    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


def test_no_token_and_no_name_is_in_the_log(client, stripe_app, paid, caplog):
    booking, event = paid
    caplog.set_level("DEBUG")
    deliver(client, stripe_app, event)
    run_inbox()
    for canary in (
        booking.customer_name,
        booking.customer_email,
        booking.customer_phone,
        str(uuid.UUID(int=0)),
    ):
        assert canary not in caplog.text
