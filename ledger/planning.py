"""Which journals a booking's books lack: arithmetic on what is told and on what is entered. No clock, no database.

Two sorts of source. Each movement of money has one of its own, of which at most the difference is entered again. What
became of the customer's money that is held (earned, kept, GST due on it) is the booking's own: its *position*. It is
reckoned as of each moment at which something happened, and the difference to the position before is a journal.

So it doesn't matter when, how often or in what order somebody looks: entering what happened a year ago gives the same
months as entering it as it happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from peepopay.money import gst_within

from .chart import REVENUE, Account
from .models import JournalKind
from .told import Movement, Told

Lines = Mapping[Account, int]


@dataclass(frozen=True)
class Entered:
    """What stands in the books of one source: how many journals, and their sums."""

    journals: int = 0
    lines: Lines = field(default_factory=dict)
    taxed_cents: int = 0
    free_cents: int = 0


@dataclass(frozen=True)
class Life:
    """Of the booking, as it stands. `ended_at`: since when its money is earned, and on which account that is; None as
    long as it isn't. `known_at`: the latest moment of which anything is known."""

    position: str  # the source of its position
    gst_registered: bool
    known_at: datetime
    ended_at: datetime | None = None
    earned_on: Account = Account.SALES
    posted_until: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """A journal to be entered."""

    source: str
    number: int
    kind: JournalKind
    at: datetime
    lines: Lines
    taxed_cents: int = 0
    free_cents: int = 0


def plan(told: Told, life: Life, entered: Mapping[str, Entered]) -> list[Plan]:
    """The journals to be added, in the order of time; none if the books say it all."""
    return sorted(
        [*_movements(told.movements, life, entered), *_positions(told, life, entered)], key=lambda j: j.at
    )


def _movements(told: Iterable[Movement], life: Life, entered: Mapping[str, Entered]) -> Iterable[Plan]:
    """What moved and is not entered, or differs; what was entered and did not move after all is reversed."""
    gone = {source for source in entered if source != life.position}
    for movement in told:
        gone.discard(movement.source)
        before = entered.get(movement.source, Entered())
        if lines := _difference(movement.all_lines, before.lines):
            kind, at = (
                (JournalKind.ADJUSTED, life.known_at)
                if any(before.lines.values())
                else (movement.kind, movement.at if not before.journals else life.known_at)
            )
            yield Plan(movement.source, before.journals, kind, at, lines)
    for source in sorted(gone):
        if lines := _difference({}, entered[source].lines):
            yield Plan(source, entered[source].journals, JournalKind.REVERSED, life.known_at, lines)


def _positions(told: Told, life: Life, entered: Mapping[str, Entered]) -> Iterable[Plan]:
    before = entered.get(life.position, Entered())
    for at in _moments(told, life, is_new=not entered):
        due = _position(told, life, at)
        lines = _towards(due, before.lines, life, lost=_is_lost(told.movements, at))
        if lines:
            taxed, free = due.taxed_cents - before.taxed_cents, due.free_cents - before.free_cents
            kind = _kind_of(due, before, life)
            yield Plan(life.position, before.journals, kind, at, lines, taxed, free)
            before = Entered(before.journals + 1, _sum(before.lines, lines), due.taxed_cents, due.free_cents)


def _moments(told: Told, life: Life, *, is_new: bool) -> list[datetime]:
    """At which something happened that is not entered yet; at last that up to which everything is known."""
    owed = [moment for owed in told.owed for moment in (owed.since, owed.until)]
    shares = [share.since for share in told.shares]
    of = {movement.at for movement in told.movements} | {*owed, *shares, life.ended_at}
    since = life.posted_until or (None if is_new else life.known_at)
    new = {at for at in of if at and at <= life.known_at and not (since and at <= since)}
    return sorted(new | {life.known_at})


@dataclass(frozen=True)
class _Position:
    """In cents: GST included, what is earned; what GST is reckoned on; the GST; what is earned free of it, by a
    business that is registered."""

    has_ended: bool
    earned_cents: int
    taxed_cents: int
    gst_cents: int
    free_cents: int


def _position(told: Told, life: Life, at: datetime) -> _Position:
    moved = [movement for movement in told.movements if movement.at <= at]
    held = sum(movement.held_cents for movement in moved)
    has_ended = bool(life.ended_at and life.ended_at <= at)
    earned = max(held - _owed(told, life, at), 0) if has_ended else 0
    at_once = max(sum(movement.held_cents for movement in moved if movement.taxed_at_once), 0)
    taxed = _taxed(told, earned if has_ended else at_once, at) if life.gst_registered else 0
    free = earned - taxed if has_ended and life.gst_registered else 0
    return _Position(has_ended, earned, taxed, gst_within(taxed), free)


def _taxed(told: Told, cents: int, at: datetime) -> int:
    """How much of this carries GST."""
    known = sorted((share for share in told.shares if share.since <= at), key=lambda share: share.since)
    return known[-1].of(cents) if known else cents


def _owed(told: Told, life: Life, at: datetime) -> int:
    return sum(
        owed.cents
        for owed in told.owed
        if owed.since <= at
        and not (owed.until and owed.until <= at)
        and not (owed.unless_earned and life.ended_at and life.ended_at <= owed.since)
    )


def _towards(due: _Position, before: Lines, life: Life, *, lost: bool) -> dict[Account, int]:
    """The lines that lead to a position. What was earned and is no longer is a refund (or a dispute that was lost), as
    long as the job itself stands; a job that was not done after all takes its sale back."""
    revenue = due.earned_cents - due.gst_cents if due.has_ended else 0
    wanted: Counter[Account] = Counter({account: before.get(account, 0) for account in REVENUE})
    other = Account.KEPT if life.earned_on == Account.SALES else Account.SALES
    if not due.has_ended or wanted[other]:
        wanted = Counter()
    short = -revenue - sum(wanted.values())  # negative: more was earned
    _spread(wanted, short, life.earned_on, Account.DISPUTES_LOST if lost else Account.REFUNDS)
    wanted[Account.GST] = -due.gst_cents
    wanted[Account.DEPOSITS] = revenue + due.gst_cents
    return _difference(wanted, before)


def _spread(wanted: Counter[Account], short: int, main: Account, against: Account) -> None:
    if short > 0 and wanted[main]:
        wanted[against] += short
        return
    for account in (Account.REFUNDS, Account.DISPUTES_LOST):  # what was taken off comes back first
        back = min(wanted[account], max(-short, 0))
        wanted[account] -= back
        short += back
    wanted[main] += short


def _kind_of(due: _Position, before: Entered, life: Life) -> JournalKind:
    was_earned = any(before.lines.get(account) for account in REVENUE)
    if was_earned:
        return JournalKind.ADJUSTED if due.has_ended else JournalKind.REVERSED
    if due.has_ended:
        return JournalKind.EARNED if life.earned_on == Account.SALES else JournalKind.KEPT
    return JournalKind.GST if due.taxed_cents > before.taxed_cents else JournalKind.ADJUSTED


def _is_lost(movements: Iterable[Movement], at: datetime) -> bool:
    return any(m.kind == JournalKind.DISPUTE_LOST and m.at == at for m in movements)


def _difference(wanted: Lines, before: Lines) -> dict[Account, int]:
    lines = {account: wanted.get(account, 0) - before.get(account, 0) for account in {*wanted, *before}}
    return {Account(account): cents for account, cents in lines.items() if cents}


def _sum(before: Lines, lines: Lines) -> dict[Account, int]:
    return {account: before.get(account, 0) + lines.get(account, 0) for account in {*before, *lines}}
