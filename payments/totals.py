"""What was paid for a booking and what went back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bookings.models import Booking

from .models import Payment, PaymentStatus


@dataclass(frozen=True)
class Totals:
    """In cents. `reserved`: refunds asked for and not yet made."""

    paid_cents: int = 0
    refunded_cents: int = 0
    reserved_cents: int = 0


def totals_of(booking: Booking) -> Totals:
    """One query."""
    return totals_in(Payment.objects.filter(booking=booking, status=PaymentStatus.SUCCEEDED))


def totals_in(payments: Iterable[Payment]) -> Totals:
    """Of all the payments of a booking."""
    paid = [payment for payment in payments if payment.status == PaymentStatus.SUCCEEDED]
    return Totals(
        sum(payment.amount_cents for payment in paid),
        sum(payment.refunded_cents for payment in paid),
        sum(payment.reserved_cents for payment in paid),
    )
