"""What a business's own systems are told of its money. docs/webhooks.md describes it to them."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking
from bookings.webhook_events import as_told
from notifications.webhooks.event_types import EventType, register
from notifications.webhooks.telling import tell

from .dispute_models import Dispute
from .models import Payment, Refund

DEPOSIT_PAID = register("deposit.paid", "A customer's deposit arrived in your Stripe account.")
BALANCE_PAID = register(
    "balance.paid", "Money for a job arrived besides its deposit, by card or as you wrote it down."
)
BALANCE_UNDONE = register("balance.undone", "What you had written down as paid was a mistake.")
BALANCE_GIVEN_BACK = register(
    "balance.given_back", "You wrote down that you handed back what was paid too much."
)
REFUND_SENT = register("refund.sent", "Money is on its way back to a customer.")
REFUND_FAILED = register("refund.failed", "A refund didn't reach its customer.")
DISPUTE_OPENED = register("dispute.opened", "A customer disputes a payment with their bank.")
DISPUTE_CLOSED = register("dispute.closed", "The bank has decided a dispute.")


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


def tell_balance(
    kind: EventType,
    booking: Booking,
    *,
    id: object,
    how: str,
    amount_cents: int,
    left_cents: int | None,
    now: datetime,
    intent_id: str | None = None,
) -> None:
    """`how`: "card", or how it came without us. `left_cents`: None where nothing was invoiced yet."""
    money = {
        "id": str(id),
        "how": how,
        "amount_cents": amount_cents,
        "left_cents": left_cents,
        "currency": "aud",
        "stripe_payment_intent": intent_id,
    }
    tell(
        booking.tradie_id, kind, booking.pk, lambda: {"balance": money, "booking": as_told(booking)}, now=now
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


def tell_dispute(kind: EventType, dispute: Dispute, booking: Booking, *, now: datetime) -> None:
    claim = {
        "id": str(dispute.pk),
        "payment": str(dispute.payment_id),
        "amount_cents": dispute.amount_cents,
        "currency": "aud",
        "status": dispute.status,
        "reason": dispute.reason,
        "evidence_due_by": dispute.evidence_due_by.isoformat() if dispute.evidence_due_by else None,
        "stripe_dispute": dispute.stripe_id,
    }
    tell(
        booking.tradie_id, kind, booking.pk, lambda: {"dispute": claim, "booking": as_told(booking)}, now=now
    )
