"""What a business's own systems are told of what it asks for and gets."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Booking
from invoicing.receipts import undo_receipt
from notifications.models import WebhookEvent
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
