"""What a business's own systems are told of what it offers, asks for and gets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings.models import Booking, Status
from invoicing import quotes
from invoicing.quote_lapses import LOOKED_BACK, tell_lapsed
from invoicing.quote_models import Quote
from invoicing.receipts import undo_receipt
from local.testing.cast import make_booking, soon
from local.testing.quoting import NO_DEPOSIT, accepted, reread, sent_quote, writing
from notifications.models import WebhookEndpoint, WebhookEvent
from notifications.webhooks import event_types
from notifications.webhooks.endpoints import add_endpoint

from .billing import SAM, bill, credit, paid_in_cash

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sams_system(job: Booking) -> None:
    every = [kind.name for kind in event_types.to_choose_from()]
    add_endpoint(job.tradie, url="https://hooks.example.com/", event_types=every, now=timezone.now())


def told(kind: str) -> list[dict[str, Any]]:
    return [event.data for event in WebhookEvent.objects.filter(type=kind).order_by("created_at")]


def test_an_invoice_its_payment_and_its_credit_note(job: Booking) -> None:
    invoice = bill(job, 12_000)
    (issued,) = told("invoice.issued")
    assert issued["invoice"] == {
        "id": str(invoice.pk),
        "number": "INV-0001",
        "kind": "invoice",
        "corrects": None,
        "total_cents": 12_000,
        "gst_cents": 1_091,
        "currency": "aud",
        "left_cents": 9_000,
    }
    assert (issued["booking"]["id"], issued["booking"]["status"]) == (str(job.pk), "completed")
    receipt = paid_in_cash(job, 9_000)
    (paid,) = told("balance.paid")
    assert paid["balance"] == {
        "id": str(receipt.pk),
        "how": "cash",
        "amount_cents": 9_000,
        "left_cents": 0,
        "currency": "aud",
        "stripe_payment_intent": None,
    }
    for _ in range(2):
        undo_receipt(receipt, by=SAM, now=timezone.now())
    assert [data["balance"]["left_cents"] for data in told("balance.undone")] == [9_000]
    note = credit(invoice, 2_000)
    (credited,) = told("invoice.credited")
    assert (credited["invoice"]["id"], credited["invoice"]["corrects"]) == (str(note.pk), str(invoice.pk))
    assert (credited["invoice"]["kind"], credited["invoice"]["left_cents"]) == ("credit_note", 7_000)


def test_a_corrected_invoice_is_two_events_in_order(job: Booking) -> None:
    first = bill(job, 12_000)
    bill(job, 10_000, instead_of=first)
    assert [data["invoice"]["total_cents"] for data in told("invoice.issued")] == [12_000, 10_000]
    assert [data["invoice"]["total_cents"] for data in told("invoice.credited")] == [12_000]


def lives(offer: Quote) -> list[tuple[str, int]]:
    """(what became of it, of which version), in order."""
    rows = WebhookEvent.objects.filter(about=offer.pk).order_by("created_at").values_list("type", "data")
    for kind, data in rows:
        assert kind == f"quote.{data['quote']['state']}"
    return [(data["quote"]["state"], data["quote"]["version"]) for _, data in rows]


def test_a_quote_that_is_accepted_says_what_was_offered_and_which_job_it_became(
    drain: Service,
) -> None:
    offer = sent_quote(drain, deposit=NO_DEPOSIT)
    assert offer.current
    quotes.remind(offer, now=timezone.now())
    job = accepted(offer, soon(offer.tradie, days=3))
    assert lives(offer) == [("sent", 1), ("accepted", 1)]
    (told_of,) = told("quote.accepted")
    until = datetime.fromisoformat(told_of["quote"].pop("valid_until"))
    assert (until, until.utcoffset()) == (
        offer.current.valid_until,
        soon(offer.tradie, days=15, hour=0).utcoffset(),
    )
    assert told_of == {
        "quote": {
            "id": str(offer.pk),
            "reference": offer.reference,
            "version": 1,
            "state": "accepted",
            "title": "New hot water system",
            "customer": {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"},
            "address": {
                "line1": "1 George Street",
                "suburb": "Newtown",
                "state": "NSW",
                "postcode": "2042",
            },
            "price_cents": 180_000,
            "gst_cents": 16_364,
            "deposit_cents": 0,
            "currency": "aud",
            "booking": str(job.pk),
            "decline_reason": "",
            "dashboard_url": f"http://testserver/dashboard/quotes/{offer.pk}",
        }
    }


def test_a_no_a_change_and_a_withdrawal(drain: Service) -> None:
    offer = sent_quote(drain)
    quotes.decline(offer, version=1, reason="Too dear", now=timezone.now())
    assert told("quote.declined")[0]["quote"]["decline_reason"] == "Too dear"
    quotes.send(drain.tradie, writing(drain), now=timezone.now(), quote=offer)
    quotes.withdraw(offer, now=timezone.now())
    assert lives(offer) == [("sent", 1), ("declined", 1), ("sent", 2), ("withdrawn", 2)]


def test_a_draft_is_nobodys_business(drain: Service) -> None:
    draft = quotes.save_draft(drain.tradie, writing(drain), now=timezone.now())
    quotes.discard(draft)
    assert not WebhookEvent.objects.exists()


def test_a_quote_that_lapsed_is_told_of_once_for_each_of_its_last_days(drain: Service) -> None:
    offer = sent_quote(drain)
    assert offer.valid_until
    last = offer.valid_until
    assert tell_lapsed(now=last - timedelta(seconds=1)) == 0
    assert [tell_lapsed(now=last + timedelta(hours=hour)) for hour in (0, 1)] == [1, 0]
    quotes.send(
        drain.tradie,
        writing(drain, last_day=last.date() + timedelta(days=7)),
        now=last + timedelta(hours=2),
        quote=offer,
    )
    again = reread(offer).valid_until
    assert again
    assert [tell_lapsed(now=again + timedelta(hours=hour)) for hour in (0, 1)] == [1, 0]
    assert lives(offer) == [("sent", 1), ("lapsed", 1), ("sent", 2), ("lapsed", 2)]


def test_what_was_answered_is_paid_for_or_lapsed_long_ago_is_not_told_of_as_lapsed(drain: Service) -> None:
    withdrawn, held, old = (sent_quote(drain) for _ in range(3))
    quotes.withdraw(withdrawn, now=timezone.now())
    hold = make_booking(drain, soon(drain.tradie, days=20), status=Status.PENDING)
    Booking.objects.filter(pk=hold.pk).update(quote_id=held.pk)
    last = held.valid_until
    assert last
    Quote.objects.filter(pk=old.pk).update(valid_until=last - LOOKED_BACK)
    assert tell_lapsed(now=last) == 0
    Booking.objects.filter(pk=hold.pk).update(status=Status.EXPIRED, held_until=None)
    WebhookEndpoint.objects.update(created_at=last + timedelta(seconds=1))  # of before nobody asked
    assert tell_lapsed(now=last + timedelta(minutes=1)) == 0
    WebhookEndpoint.objects.update(created_at=last)
    assert tell_lapsed(now=last) == 1
    assert lives(held) == [("sent", 1), ("lapsed", 1)]
