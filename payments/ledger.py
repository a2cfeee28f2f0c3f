"""What was paid for a booking and what went back, in cents, from our own rows."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.models import Booking

from .models import Payment, PaymentStatus


@dataclass(frozen=True)
class Ledger:
    """`refunded_cents` has arrived at Stripe; `on_its_way_cents` was promised and is being sent."""

    payments: tuple[Payment, ...]

    @property
    def paid_cents(self) -> int:
        return sum(payment.amount_cents for payment in self._paid)

    @property
    def refunded_cents(self) -> int:
        return sum(payment.refunded_cents for payment in self._paid)

    @property
    def on_its_way_cents(self) -> int:
        return sum(payment.reserved_cents for payment in self._paid)

    @property
    def kept_cents(self) -> int:
        """Paid, and neither sent back nor promised."""
        return self.paid_cents - self.refunded_cents - self.on_its_way_cents

    @property
    def _paid(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.status == PaymentStatus.SUCCEEDED]


def ledger_of(booking: Booking) -> Ledger:
    """Two queries, however many payments and refunds there are."""
    return Ledger(tuple(Payment.objects.filter(booking=booking).prefetch_related("refunds")))
