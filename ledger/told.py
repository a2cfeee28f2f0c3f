"""What the books are told of a booking's money. Each app that moves some registers a teller in its `books.py`:

    @told.teller
    def cash_of(booking: Booking) -> Told:
        return Told([Movement(f"cash:{row.pk}", JournalKind.CASH, row.at, {Account.BANK: row.amount_cents}) ...])

A teller reads its rows and answers all that ever moved; what of it is new, the ledger finds out. One more kind of event
is one more teller, or one more `Movement` of one that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.utils.module_loading import autodiscover_modules

from bookings.models import Booking

from .chart import Account
from .models import JournalKind


@dataclass(frozen=True)
class Movement:
    """Money that moved. `lines`: what it did to accounts that hold money, in cents, positive where it came in; what is
    left over is the customer's (`Account.DEPOSITS`).

    `source` is its own for ever. `taxed_at_once`: GST on it is due when it moves, as for a part payment; otherwise when
    it is earned (GST Act s 99-10).
    """

    source: str
    kind: JournalKind
    at: datetime
    lines: Mapping[Account, int]
    taxed_at_once: bool = False

    @property
    def held_cents(self) -> int:
        """By how much more of the customer's money is held since."""
        return sum(self.lines.values())

    @property
    def all_lines(self) -> dict[Account, int]:
        """Summing to zero."""
        lines = {**self.lines, Account.DEPOSITS: -self.held_cents}
        return {account: cents for account, cents in lines.items() if cents}


@dataclass(frozen=True)
class Owed:
    """Of what is held, what goes back to the customer, or is not ours to count: from `since` until it moved.

    `unless_earned`: only if the job was not done, or called off, before it began.
    """

    cents: int
    since: datetime
    until: datetime | None = None
    unless_earned: bool = False


@dataclass(frozen=True)
class TaxedShare:
    """Since when only a part of what is paid carries GST: `taxed_cents` of every `of_cents`, as the lines of a quote or
    an invoice say. The latest one counts; without any, all of it does."""

    taxed_cents: int
    of_cents: int
    since: datetime

    def of(self, cents: int) -> int:
        """Half a cent is rounded up."""
        return (2 * cents * self.taxed_cents + self.of_cents) // (2 * self.of_cents)


@dataclass(frozen=True)
class Told:
    movements: Sequence[Movement] = field(default_factory=tuple)
    owed: Sequence[Owed] = field(default_factory=tuple)
    shares: Sequence[TaxedShare] = field(default_factory=tuple)


Teller = Callable[[Booking], Told]
_tellers: list[Teller] = []


def teller(tell: Teller) -> Teller:
    _tellers.append(tell)
    return tell


@cache
def tellers() -> list[Teller]:
    """All of them."""
    autodiscover_modules("books")
    return _tellers


def all_told(booking: Booking) -> Told:
    """What all of them know of a booking."""
    parts = [tell(booking) for tell in tellers()]
    return Told(
        [movement for part in parts for movement in part.movements],
        [owed for part in parts for owed in part.owed],
        [share for part in parts for share in part.shares],
    )
