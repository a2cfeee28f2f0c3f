"""What was paid for a booking and what went back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

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
    sums = Payment.objects.filter(booking=booking, status=PaymentStatus.SUCCEEDED).aggregate(
        paid=Sum("amount_cents"), refunded=Sum("refunded_cents"), reserved=Sum("reserved_cents")
    )
    return Totals(sums["paid"] or 0, sums["refunded"] or 0, sums["reserved"] or 0)
