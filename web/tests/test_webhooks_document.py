"""docs/webhooks.md tells receivers what is really sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import Booking, EventKind, Status
from invoicing.tests.billing import ABN, bill
from local.testing.cast import at, make_booking
from local.testing.quoting import sent_quote
from notifications.models import WebhookEvent
from notifications.webhooks import event_types
from notifications.webhooks.endpoints import add_endpoint
from payments.models import Dispute, Payment, PaymentStatus, Refund
from payments.webhook_events import (
    BALANCE_PAID,
    DISPUTE_OPENED,
    REFUND_SENT,
    tell_balance,
    tell_dispute,
    tell_paid,
    tell_refund,
)

DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
NOW = at("2027-01-14 12:00 +11:00")


def examples() -> list[dict[str, Any]]:
    return [
        json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    ]


def shape(value: Any) -> Any:
    """Names and kinds, without what differs from one booking to the next."""
    if isinstance(value, dict):
        return (
            {name: shape(inner) for name, inner in value.items()} if value.keys() != {"gate"} else "answers"
        )
    return type(value).__name__


def test_it_lists_every_type_with_when_it_is_sent() -> None:
    listed = re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert listed == [*((kind.name, kind.when) for kind in known())]


def known() -> list[event_types.EventType]:
    """As in the form, and what nobody subscribes to at the end."""
    return sorted(event_types.registered().values(), key=lambda kind: kind.on_request)


@pytest.mark.django_db
def test_its_examples_have_the_fields_that_are_sent(drain: Service) -> None:
    every = [kind.name for kind in event_types.to_choose_from()]
    add_endpoint(drain.tradie, url="https://hooks.example.com/", event_types=every, now=NOW)
    booking = make_booking(drain, NOW, answers={"gate": "1234"})
    record(booking, EventKind.CONFIRMED, by=CUSTOMER, now=NOW)
    payment = Payment.objects.create(
        booking=booking,
        amount_cents=3_000,
        intent_id="pi_1",
        created_at=NOW,
        status=PaymentStatus.OPEN,
    )
    tell_paid(payment, now=NOW)
    refund = Refund.objects.create(payment=payment, amount_cents=3_000, reason="Cancelled", created_at=NOW)
    tell_refund(REFUND_SENT, refund, booking, now=NOW)
    dispute = Dispute.objects.create(
        payment=payment,
        stripe_id="dp_1",
        status="needs_response",
        amount_cents=3_000,
        reason="fraudulent",
        evidence_due_by=NOW,
        opened_at=NOW,
        checked_at=NOW,
    )
    tell_dispute(DISPUTE_OPENED, dispute, booking, now=NOW)
    tell_balance(
        BALANCE_PAID,
        booking,
        id=payment.pk,
        how="card",
        amount_cents=9_000,
        left_cents=0,
        intent_id="pi_2",
        now=NOW,
    )
    Tradie.objects.update(abn=ABN)
    Booking.objects.update(status=Status.COMPLETED)
    bill(Booking.objects.get(), 12_000)
    sent_quote(drain)
    sent = {event.type: event.data for event in WebhookEvent.objects.all()}
    of_booking, of_payment, of_balance, of_refund, of_dispute, of_invoice, of_quote = examples()
    assert shape(of_booking) == shape(sent["booking.confirmed"])
    assert shape({**of_payment, "booking": of_booking["booking"]}) == shape(sent["deposit.paid"])
    assert shape({**of_balance, "booking": of_booking["booking"]}) == shape(sent["balance.paid"])
    assert shape({**of_invoice, "booking": of_booking["booking"]}) == shape(sent["invoice.issued"])
    assert shape({**of_refund, "booking": of_booking["booking"]}) == shape(sent["refund.sent"])
    assert shape({**of_dispute, "booking": of_booking["booking"]}) == shape(sent["dispute.opened"])
    of_quote["quote"]["booking"] = None
    assert shape(of_quote) == shape(sent["quote.sent"])
