"""The balance of a job: what is left to pay once the deposit is taken off."""

from __future__ import annotations

from datetime import datetime

from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import EventKind, Status
from peepopay.money import dollars

from .models import Payment, PaymentStatus
from .refunds import request_refund

DUE_WHILE = (Status.CONFIRMED, Status.COMPLETED)


def is_wanted(payment: Payment) -> bool:
    """It may wait for as long as its job is going to happen, or has happened."""
    return payment.booking.status in DUE_WHILE


def on_settled(payment: Payment, now: datetime) -> None:
    """Paid: it stays, and the booking is as it was; for a job that is off it all goes back."""
    if payment.status != PaymentStatus.SUCCEEDED:
        return
    record(
        payment.booking, EventKind.BALANCE_PAID, by=CUSTOMER, now=now, detail=dollars(payment.amount_cents)
    )
    if not is_wanted(payment):
        request_refund(payment, payment.amount_cents, reason="Balance of a job that is off", now=now)
