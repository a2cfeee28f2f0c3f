"""What another time zone or state moves, to be said before it is done.

What is stored as an instant stays one, so bookings and time off read differently from then on. What is stored as a
clock time goes on saying that, so working hours and special dates are worked at other moments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Min, Q

from accounts.models import Tradie
from availability.models import Repeats, TimeOff, WorkingHours
from availability.public_holidays import public_holidays
from peepopay.local_time import in_zone

from .job_lists import ahead
from .models import Booking

MOST_READ = 2000  # ahead of one tradie: a year of eight a day
MOST_SHOWN = 20
A_YEAR = timedelta(days=366)


class Place(NamedTuple):
    """Whose public holidays and whose clock: `Place("NSW", "Australia/Sydney")`."""

    state: str
    timezone: str


class Holiday(NamedTuple):
    day: date
    name: str


@dataclass(frozen=True)
class Moved:
    """`jobs`, `time_off`: the first of those that read differently, with how many there are; `shifts`: by how much the
    jobs do, as `3 hours earlier`, the most frequent first. `opens`: when the first day's work begins, a minute of the
    day. `no_longer_off`, `newly_off`: public holidays of a year from now, where those aren't worked."""

    before: Place
    after: Place
    opens: int | None
    jobs: list[Booking]
    job_count: int
    shifts: list[str]
    time_off: list[TimeOff]
    time_off_count: int
    no_longer_off: list[Holiday]
    newly_off: list[Holiday]

    @property
    def moves_the_clock(self) -> bool:
        return self.before.timezone != self.after.timezone


def what_moves(tradie: Tradie, before: Place, after: Place, *, now: datetime) -> Moved:
    """Three queries."""
    jobs = [
        job for job in ahead(tradie.bookings.all(), now)[:MOST_READ] if _shift(job.starts_at, before, after)
    ]
    shifts = [_shift(job.starts_at, before, after) for job in jobs]
    blocks = [block for block in _time_off(tradie, now) if _shift(block.starts_at, before, after)]
    opens = WorkingHours.objects.filter(calendar__tradie=tradie).aggregate(first=Min("opens_minute"))
    gone, new = _holidays(tradie, before, after, in_zone(now, after.timezone).date())
    return Moved(
        before=before,
        after=after,
        opens=opens["first"],
        jobs=jobs[:MOST_SHOWN],
        job_count=len(jobs),
        shifts=[_said(minutes) for minutes in sorted(set(shifts), key=shifts.count, reverse=True)],
        time_off=blocks[:MOST_SHOWN],
        time_off_count=len(blocks),
        no_longer_off=gone,
        newly_off=new,
    )


def _time_off(tradie: Tradie, now: datetime) -> Iterable[TimeOff]:
    """Repeats go with their first time. What a calendar kept elsewhere has is read anew, by the new clock."""
    still = Q(ends_at__gt=now) | ~Q(repeats=Repeats.NEVER)
    over = Q(repeat_until__lt=now.date() - timedelta(days=1))
    rows = TimeOff.objects.filter(still, calendar__tradie=tradie, source=None).exclude(over, ends_at__lte=now)
    return rows.order_by("starts_at", "id")[:MOST_READ]


def _shift(at: datetime, before: Place, after: Place) -> int:
    """By how many minutes later an instant reads."""
    offsets = (in_zone(at, place.timezone).utcoffset() or timedelta() for place in (after, before))
    return int((next(offsets) - next(offsets)).total_seconds()) // 60


def _said(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    parts += [f"{rest} minutes"] if rest else []
    return f"{' '.join(parts)} {'later' if minutes > 0 else 'earlier'}"


def _holidays(
    tradie: Tradie, before: Place, after: Place, today: date
) -> tuple[list[Holiday], list[Holiday]]:
    if before.state == after.state or not tradie.closed_on_public_holidays:
        return [], []
    old, new = (_holidays_of(place.state, today) for place in (before, after))
    return _without(old, new), _without(new, old)


def _holidays_of(state: str, today: date) -> dict[date, str]:
    found = public_holidays(state, today.year) | public_holidays(state, today.year + 1)
    return {day: name for day, name in sorted(found.items()) if today <= day < today + A_YEAR}


def _without(days: dict[date, str], others: dict[date, str]) -> list[Holiday]:
    return [Holiday(day, name) for day, name in days.items() if day not in others]
