"""What a business's own systems are told of its money."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER
from bookings.models import Booking
from local.testing.cast import Api, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import WebhookEvent
from notifications.webhooks import event_types
from notifications.webhooks.endpoints import add_endpoint
from payments.cancellations import cancel_booking
from payments.models import Payment, Refund

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sams_system(sam: Tradie) -> None:
    every = [kind.name for kind in event_types.to_choose_from()]
    add_endpoint(sam, url="https://hooks.example.com/", event_types=every, now=timezone.now())


def told(kind: str) -> list[dict[str, Any]]:
    return [event.data for event in WebhookEvent.objects.filter(type=kind)]


def test_a_deposit_and_its_refund(api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld) -> None:
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"], card="4000000000005126")  # its refunds fail later
    for _ in range(2):
        api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    payment = Payment.objects.get()
    (paid,) = told("deposit.paid")
    assert paid["payment"] == {
        "id": str(payment.pk),
        "amount_cents": 3_000,
        "fee_cents": payment.fee_cents,
        "currency": "aud",
        "stripe_payment_intent": payment.intent_id,
    }
    assert paid["booking"]["id"] == held["booking"]["id"]
    assert len(told("booking.confirmed")) == 1

    cancel_booking(Booking.objects.select_related("tradie").get(), by=CUSTOMER, now=timezone.now())
    refund = Refund.objects.get()
    work_on(refund)
    (sent,) = told("refund.sent")
    assert sent["refund"] == {
        "id": str(refund.pk),
        "payment": str(payment.pk),
        "amount_cents": 3_000,
        "currency": "aud",
        "reason": "Cancelled by the customer",
    }
    assert [data["by"] for data in told("booking.cancelled")] == ["customer"]
