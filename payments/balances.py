"""The balance of a job: what is left to pay of its bill. Procedure 11 of docs/payments.md."""

from __future__ import annotations

from datetime import datetime

from bookings import bill_messages
from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import EventKind, Status
from peepopay.money import dollars

from . import webhook_events
from .bills import standing_of
from .models import Payment, PaymentStatus
from .refunds import request_refund

DUE_WHILE = (Status.CONFIRMED, Status.COMPLETED)


def is_wanted(payment: Payment) -> bool:
    """As long as its job is going to happen, or has happened, and no less than its amount is left to pay. One that
    asks for too much is closed; a new one asks for what is left."""
    if payment.booking.status not in DUE_WHILE:
        return False
    standing = standing_of(payment.booking)
    return standing is not None and payment.amount_cents <= standing.left_cents


def on_settled(payment: Payment, now: datetime) -> None:
    """Paid: it stays, and the booking is as it was. What is over goes back: the price came down, or it was recorded as
    paid in another way, while the card was being charged. For a job that is off it all goes back."""
    if payment.status != PaymentStatus.SUCCEEDED:
        return
    booking, cents = payment.booking, payment.amount_cents
    record(booking, EventKind.BALANCE_PAID, by=CUSTOMER, now=now, detail=dollars(cents))
    if booking.status not in DUE_WHILE:
        request_refund(payment, cents, reason="Balance of a job that is off", now=now)
        return
    bill_messages.tell_balance_paid(booking, amount_cents=cents, now=now, payment_id=payment.pk)
    standing = standing_of(booking)
    webhook_events.tell_balance(
        webhook_events.BALANCE_PAID,
        booking,
        id=payment.pk,
        how="card",
        amount_cents=cents,
        left_cents=standing.left_cents if standing else None,
        intent_id=payment.intent_id,
        now=now,
    )
    over = min(cents, standing.over_cents if standing else cents)
    if over:
        request_refund(payment, over, reason="More was paid than the job came to", now=now)
