"""How a bill stands: what was asked for a job, what came in for it, what is left."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.models import Booking

from .bill_models import Bill
from .models import PaymentKind
from .totals import Totals, totals_of


@dataclass(frozen=True)
class Standing:
    """In cents. `by_card` has not gone back, nor is it on its way; what the customer's bank took in a dispute counts as
    paid, since it is for the bank to decide and nobody may be asked for it twice meanwhile."""

    asked_cents: int
    by_card_cents: int
    elsewhere_cents: int

    @property
    def received_cents(self) -> int:
        return self.by_card_cents + self.elsewhere_cents

    @property
    def left_cents(self) -> int:
        """Still to pay."""
        return max(self.asked_cents - self.received_cents, 0)

    @property
    def over_cents(self) -> int:
        """Paid beyond what was asked."""
        return max(self.received_cents - self.asked_cents, 0)


def by_card(totals: Totals) -> int:
    """What counts towards the price of a job; a no-show fee is for none."""
    kinds = (totals.of(PaymentKind.DEPOSIT), totals.of(PaymentKind.BALANCE))
    return sum(sums.paid_cents - sums.refunded_cents - sums.reserved_cents for sums in kinds)


def standing_of(booking: Booking, totals: Totals | None = None) -> Standing | None:
    """None: nothing was invoiced yet. One query, or two without `totals`."""
    bill = Bill.objects.filter(booking=booking).first()
    return standing_in(bill, totals or totals_of(booking)) if bill else None


def standing_in(bill: Bill, totals: Totals) -> Standing:
    """The same of what is loaded."""
    return Standing(bill.asked_cents, by_card(totals), bill.elsewhere_cents)
