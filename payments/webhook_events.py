"""What a business's own systems are told of its money. docs/webhooks.md describes it to them."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking
from bookings.webhook_events import as_told
from notifications.webhooks.event_types import EventType, register
from notifications.webhooks.telling import tell

from .models import Payment, Refund

DEPOSIT_PAID = register("deposit.paid", "A customer's deposit arrived in your Stripe account.")
REFUND_SENT = register("refund.sent", "Money is on its way back to a customer.")
REFUND_FAILED = register("refund.failed", "A refund didn't reach its customer.")


def tell_paid(payment: Payment, *, now: datetime) -> None:
    """In the caller's transaction; the payment has its booking loaded."""
    booking = payment.booking
    if not booking.has_listeners:
        return
    money = {
        "id": str(payment.pk),
        "amount_cents": payment.amount_cents,
        "fee_cents": payment.fee_cents,
        "currency": "aud",
        "stripe_payment_intent": payment.intent_id,
    }
    tell(
        booking.tradie_id,
        DEPOSIT_PAID,
        booking.pk,
        lambda: {"payment": money, "booking": as_told(booking)},
        now=now,
    )


def tell_refund(kind: EventType, refund: Refund, booking: Booking, *, now: datetime) -> None:
    money = {
        "id": str(refund.pk),
        "payment": str(refund.payment_id),
        "amount_cents": refund.amount_cents,
        "currency": "aud",
        "reason": refund.reason,
    }
    tell(booking.tradie_id, kind, booking.pk, lambda: {"refund": money, "booking": as_told(booking)}, now=now)
