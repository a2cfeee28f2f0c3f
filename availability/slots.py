"""The one answer to "is this time free?", for listing and for booking. Pure: no clock, no database.

Rules, all in the tradie's zone:
- A job fits where every minute of it falls, on the tradie's own clock, within the opening hours. Ranges that touch
  (also at midnight) are one. A job takes its real length also when the clocks change.
- A time is offered at every multiple of the step since local midnight, and at each minute the tradie opens (7:15 with a
  step of 30 offers 7:15, 7:30, 8:00 ...). A clock time that does not exist is never offered; one that happens twice
  is offered twice.
- Buffers keep clear of what is taken (bookings with buffers of their own) and of time off, but may reach beyond the
  opening hours: the drive to the first job is not a job.
- A job whose place is gone to on some weekdays only starts on one of those.
- Every job of the calendar whose place is known can be driven from or to in time, where the business says how fast it
  drives (`travel.py`). Buffers count from the same minute: what is longer decides.
- Notice counts from now to the start of the job. The horizon counts local dates: 60 is bookable up to and including
  today + 60. The daily cap counts bookings by the local date on which they start.

Times are whole UTC minutes since 1970 (see `wall_clock`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from availability.openings import Openings
from availability.travel import Travel, Visit, near_days
from availability.wall_clock import (
    DAY,
    Span,
    Stretch,
    date_of,
    day_number,
    merged,
    minute_from,
    minute_of,
    stretches,
    wall_minute,
    without,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a calendar takes bookings: step and notice in minutes; `daily_cap` None is no cap."""

    zone: ZoneInfo
    step: int
    notice: int
    horizon_days: int
    daily_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What a service takes, in minutes; the buffers belong to the tradie, not to the customer's appointment.
    `weekdays`: those on which its place is gone to, Monday is 0; None is any. `postcode`: of its place, or ""."""

    length: int
    before: int = 0
    after: int = 0
    weekdays: frozenset[int] | None = None
    postcode: str = ""

    def with_more(self, minutes: int) -> Job:
        """With so much more room before and after."""
        return replace(self, before=self.before + minutes, after=self.after + minutes)

    def is_done_on(self, day: int) -> bool:
        """Whether its place is gone to on the local day of that number."""
        return self.weekdays is None or date_of(day).weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class Diary:
    """All that decides what is free in one calendar. Spans are UTC minutes, in any order; `booked` counts bookings by
    day number. `travel`: how far apart jobs may be; None is any distance. `shows_near`: customers are told which days
    already have a job near theirs."""

    rules: Rules
    openings: Openings
    taken: tuple[Span, ...] = ()
    time_off: tuple[Span, ...] = ()
    booked: Mapping[int, int] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    travel: Travel | None = None
    shows_near: bool = False

    def near_days(self, job: Job) -> set[int]:
        """The numbers of the local days that have a job nearby, as far as that is told."""
        if not (self.shows_near and job.postcode):
            return set()
        return near_days(self.visits, job.postcode, self.rules.zone)

    def out_of_reach(self, job: Job) -> Iterable[Span]:
        """When the job can't start for the drive from or to another."""
        if self.travel is None or not job.postcode:
            return ()
        return self.travel.holes(self.visits, job.postcode, job.length)

    def booked_on(self, day: int) -> int:
        """How many bookings start on that local day."""
        return self.booked.get(day, 0)

    def is_full(self, day: int) -> bool:
        cap = self.rules.daily_cap
        return cap is not None and self.booked_on(day) >= cap


class Piece(NamedTuple):
    """Open UTC minutes [starts, ends) of one local day at one offset; `midnight` is where its clock showed 0:00."""

    starts: int
    ends: int
    midnight: int
    opens: int  # the UTC minute at which the clock shows the opening time; it may lie outside the piece
    day: int


def free_starts(diary: Diary, job: Job, first: date, last: date, now: datetime) -> list[int]:
    """The UTC minutes at which the job can be booked, in order, on the local dates `first` to `last`."""
    rules = diary.rules
    earliest = earliest_start(rules, now)
    first_day = max(day_number(first), wall_minute(rules.zone, earliest) // DAY)
    last_day = min(day_number(last), last_day_on_offer(rules, now))
    if first_day > last_day:
        return []
    pieces = open_pieces(diary, first_day, last_day + 1 + job.length // DAY)
    taken = (
        (starts - job.length - job.after + 1, ends + job.before)
        for starts, ends in (*diary.taken, *diary.time_off)
    )
    holes = merged((*taken, *diary.out_of_reach(job)))
    windows = list(without(_start_windows(pieces, job.length, earliest), holes))
    bookable = (
        piece
        for piece in pieces
        if piece.day <= last_day and not diary.is_full(piece.day) and job.is_done_on(piece.day)
    )
    return list(_on_grid(bookable, windows, rules.step))


def earliest_start(rules: Rules, now: datetime) -> int:
    """The first UTC minute that keeps the minimum notice."""
    return minute_from(now) + rules.notice


def last_day_on_offer(rules: Rules, now: datetime) -> int:
    """The number of the last local day within the horizon."""
    return wall_minute(rules.zone, minute_of(now)) // DAY + rules.horizon_days


def open_pieces(diary: Diary, first_day: int, last_day: int) -> list[Piece]:
    """Opening hours of the local days, both included, as UTC minutes in order."""
    ranges_of = {day: diary.openings.on(date_of(day)) for day in range(first_day, last_day + 1)}
    return [
        piece
        for stretch in stretches(diary.rules.zone, (first_day - 1) * DAY, (last_day + 2) * DAY)
        for day in _days_within(stretch, first_day, last_day)
        for opens, closes in ranges_of[day]
        if (piece := _piece(stretch, day, opens, closes)).starts < piece.ends
    ]


def _days_within(stretch: Stretch, first_day: int, last_day: int) -> range:
    begins, ends = (stretch.starts + stretch.offset) // DAY, (stretch.ends - 1 + stretch.offset) // DAY
    return range(max(first_day, begins), min(last_day, ends) + 1)


def _piece(stretch: Stretch, day: int, opens: int, closes: int) -> Piece:
    midnight = day * DAY - stretch.offset
    starts, ends = max(midnight + opens, stretch.starts), min(midnight + closes, stretch.ends)
    return Piece(starts, ends, midnight, midnight + opens, day)


def _start_windows(pieces: list[Piece], length: int, earliest: int) -> Iterator[Span]:
    """Where a job of that length may start so that it ends before closing time."""
    for starts, ends in merged((piece.starts, piece.ends) for piece in pieces):
        if max(starts, earliest) <= ends - length:
            yield max(starts, earliest), ends - length + 1


def _on_grid(pieces: Iterable[Piece], windows: list[Span], step: int) -> Iterator[int]:
    """The times to offer in the minutes that lie in both a piece and a window."""
    at = 0
    for starts, ends, midnight, opens, _ in pieces:
        while at < len(windows) and windows[at][1] <= starts:
            at += 1
        for window_starts, window_ends in islice(windows, at, None):
            if window_starts >= ends:
                break
            low, high = max(starts, window_starts), min(ends, window_ends)
            if low == opens and (opens - midnight) % step:
                yield opens
            yield from range(midnight - (midnight - low) // step * step, high, step)
