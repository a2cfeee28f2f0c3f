"""What a job comes to, line by line: arithmetic, no database. Quotes and invoices count by it alike.

Prices include GST. It is an eleventh of the sum of what is taxed, rounded once, half a cent up; lines show none of
their own, since what is rounded line by line need not sum to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from peepopay.money import MOST_CENTS, gst_within

MOST_LINES = 40
MOST_QUANTITY = Decimal("99999.99")


@dataclass(frozen=True)
class Line:
    """`quantity` to the hundredth: 1.5 hours. `unit_price_cents` includes GST unless `is_gst_free`; below 0 it is a
    discount."""

    description: str
    quantity: Decimal
    unit_price_cents: int
    is_gst_free: bool = False

    @property
    def total_cents(self) -> int:
        """Half a cent is rounded away from 0."""
        return int((self.quantity * self.unit_price_cents).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class LineTotals:
    """In cents; `taxable_cents` includes `gst_cents`."""

    taxable_cents: int = 0
    gst_free_cents: int = 0
    gst_cents: int = 0

    @property
    def total_cents(self) -> int:
        return self.taxable_cents + self.gst_free_cents

    @property
    def net_cents(self) -> int:
        """Without GST."""
        return self.total_cents - self.gst_cents


def totals(lines: Iterable[Line], *, gst_registered: bool) -> LineTotals:
    """What the lines come to. Who isn't registered for GST charges none, whatever a line says."""
    rows = list(lines)
    taxable = sum(line.total_cents for line in rows if not line.is_gst_free) if gst_registered else 0
    every = sum(line.total_cents for line in rows)
    return LineTotals(taxable, every - taxable, gst_within(taxable))


def what_is_wrong(lines: Iterable[Line], *, gst_registered: bool) -> str:
    """Why nobody can be asked for this, as a sentence for who typed it; nothing where it is fine."""
    rows = list(lines)
    if not rows:
        return "Write at least one line with what it costs."
    sums = totals(rows, gst_registered=gst_registered)
    if sums.total_cents <= 0:
        return "The lines must come to more than $0."
    if min(sums.taxable_cents, sums.gst_free_cents) < 0:
        return "A discount can't be more than what it is taken off: look at which lines are GST-free."
    if sums.total_cents > MOST_CENTS:
        return "Together the lines can't come to more than $1,000,000."
    return ""


def part_of(sums: LineTotals, cents: int, *, after_cents: int = 0) -> LineTotals:
    """`cents` of what an invoice came to, after `after_cents` of it, with as much of it taxed as of the whole: however
    it is cut, the parts of the whole have together just its GST."""
    taxable = _taxable_until(sums, after_cents), _taxable_until(sums, after_cents + cents)
    gst_cents = gst_within(taxable[1]) - gst_within(taxable[0])
    return LineTotals(taxable[1] - taxable[0], cents - taxable[1] + taxable[0], gst_cents)


def _taxable_until(sums: LineTotals, cents: int) -> int:
    return (2 * sums.taxable_cents * cents + sums.total_cents) // (2 * sums.total_cents)
