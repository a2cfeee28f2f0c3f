"""The fee of a customer who wasn't there: what its payment does. How it is charged is in `fee_charges.py`."""

from __future__ import annotations

from datetime import datetime

from bookings.actors import CUSTOMER, SYSTEM
from bookings.lifecycle import record
from bookings.models import EventKind, Status
from peepopay.money import dollars

from . import no_show_messages
from .models import FeeCharge, Payment, PaymentStatus
from .refunds import request_refund

TAKEN_BACK = "It was no no-show"


def is_wanted(payment: Payment) -> bool:
    """Only as long as the booking is marked as the no-show that it is for, which can be taken back."""
    return payment.booking.status == Status.NO_SHOW and payment.called_off_at is None


def on_settled(payment: Payment, now: datetime) -> None:
    """Paid: it stays, and both sides are told; if it was no no-show after all, it goes back."""
    if payment.status != PaymentStatus.SUCCEEDED:
        return
    booking = payment.booking
    by_link = FeeCharge.objects.filter(payment=payment, pay_by__isnull=False).exists()
    by = CUSTOMER if by_link else SYSTEM
    record(booking, EventKind.FEE_PAID, by=by, now=now, detail=dollars(payment.amount_cents))
    if is_wanted(payment):
        no_show_messages.tell_paid(payment, by_link=by_link, now=now)
    else:
        request_refund(payment, payment.amount_cents, reason=TAKEN_BACK, now=now)
