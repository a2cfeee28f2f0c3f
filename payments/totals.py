"""What was paid for a booking and what went back, of each kind and in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bookings.models import Booking

from .models import Payment, PaymentKind, PaymentStatus

COUNTS = (PaymentStatus.AUTHORISED, PaymentStatus.SUCCEEDED)


@dataclass(frozen=True)
class Sums:
    """In cents. `reserved`: refunds asked for and not yet made; `authorised`: held on a card and not charged; `taken`:
    by the customer's bank, in a dispute."""

    paid_cents: int = 0
    refunded_cents: int = 0
    reserved_cents: int = 0
    authorised_cents: int = 0
    taken_cents: int = 0

    @property
    def left_cents(self) -> int:
        """What was paid and is neither on its way back nor taken by the customer's bank."""
        return self.paid_cents - self.refunded_cents - self.reserved_cents - self.taken_cents


@dataclass(frozen=True)
class Totals(Sums):
    """Of a booking's payments in all, and `of` one kind."""

    kinds: Mapping[str, Sums] = field(default_factory=dict)

    def of(self, kind: PaymentKind) -> Sums:
        return self.kinds.get(kind, Sums())


def totals_of(booking: Booking) -> Totals:
    """One query."""
    return totals_in(Payment.objects.filter(booking=booking, status__in=COUNTS))


def totals_in(payments: Iterable[Payment]) -> Totals:
    """Of all the payments of a booking."""
    rows = [payment for payment in payments if payment.status in COUNTS]
    kinds = {
        kind: _sums([payment for payment in rows if payment.kind == kind])
        for kind in {payment.kind for payment in rows}
    }
    every = _sums(rows)
    return Totals(**vars(every), kinds=kinds)


def _sums(rows: list[Payment]) -> Sums:
    paid = [payment for payment in rows if payment.status == PaymentStatus.SUCCEEDED]
    return Sums(
        sum(payment.amount_cents for payment in paid),
        sum(payment.refunded_cents for payment in paid),
        sum(payment.reserved_cents for payment in paid),
        sum(payment.amount_cents for payment in rows if payment.status == PaymentStatus.AUTHORISED),
        sum(payment.taken_cents for payment in paid),
    )
