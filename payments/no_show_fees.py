"""The fee of a customer who wasn't there."""

from __future__ import annotations

from datetime import datetime

from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import EventKind, Status
from peepopay.money import dollars

from .models import Payment, PaymentStatus
from .refunds import request_refund


def is_wanted(payment: Payment) -> bool:
    """Only as long as the booking is marked as a no-show, which can be undone."""
    return payment.booking.status == Status.NO_SHOW


def on_settled(payment: Payment, now: datetime) -> None:
    """Paid: it stays; if it was no no-show after all, it goes back."""
    if payment.status != PaymentStatus.SUCCEEDED:
        return
    record(payment.booking, EventKind.FEE_PAID, by=CUSTOMER, now=now, detail=dollars(payment.amount_cents))
    if not is_wanted(payment):
        request_refund(payment, payment.amount_cents, reason="It was no no-show", now=now)
