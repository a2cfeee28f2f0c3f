"""Running late: whoever is still to be visited today is told once when to expect them. The booked times stay.

A window that was promised moves as a whole, and only ever on: a smaller delay afterwards tells nobody with a window
anew, since the one they have can be kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from availability.calendars import lock_calendar
from availability.models import Calendar
from peepopay.local_time import arrival, in_zone

from . import messages
from .actors import By
from .expected import has_not_begun, latest_arrival
from .job_lists import day_bounds
from .lifecycle import record
from .models import Booking, EventKind, Status

MOST_MINUTES = 240
MOST_TOLD = 30  # jobs of one calendar on one day
STEP_MINUTES = 15  # by which a window moves on its own


class Rest(NamedTuple):
    """What one calendar has still to begin today, and by how much its customers were told it is late: 0, not at all,
    or not all of them the same."""

    calendar: Calendar
    jobs: list[Booking]
    minutes: int

    @property
    def untold(self) -> int:
        """How many were told nothing, or something else."""
        return sum(job.late_minutes != self.minutes for job in self.jobs)

    @property
    def has_windows(self) -> bool:
        return any(job.arrival_window_minutes for job in self.jobs)


def rest_of_the_day(jobs: Iterable[Booking], now: datetime) -> list[Rest]:
    """Of the jobs of today, their calendars loaded: each calendar's, in the order of its next job. No query."""
    by_calendar: dict[Calendar, list[Booking]] = {}
    for job in jobs:
        if has_not_begun(job, now):
            by_calendar.setdefault(job.calendar, []).append(job)
    return [
        Rest(calendar, rest, max(job.late_minutes for job in rest)) for calendar, rest in by_calendar.items()
    ]


@transaction.atomic
def say_late(calendar: Calendar, minutes: int, *, by: By, now: datetime) -> int:
    """Tell the customers of the rest of today that it will be `minutes` later than booked, or with 0 that it is as
    booked again. Returns how many were told: whoever knows already isn't told twice."""
    lock_calendar(calendar.pk)
    rows = _jobs_of_today(calendar, now).exclude(late_minutes=minutes)
    if minutes:
        rows = rows.exclude(arrival_window_minutes__gt=0, late_minutes__gt=minutes)
    return sum(_say(job, minutes, by, now) for job in rows[:MOST_TOLD])


def move_windows_behind(booking: Booking, *, by: By, now: datetime) -> int:
    """Whoever sets out for `booking` only now can't be everywhere behind it as promised: of those jobs of today, the
    windows that would be over before somebody could be there move, by quarters of an hour, and their customers are
    told. Returns how many. Exact times are left to whoever says that they are late. Call it while holding the calendar.

    They arrive no earlier than promised, do each job as long as it was planned, and drive in no time but what is kept
    free around the jobs."""
    rows = _jobs_of_today(booking.calendar, now).filter(starts_at__gt=booking.starts_at)
    free_at, told = now + _minutes(booking.duration_minutes + booking.buffer_after_minutes), 0
    for job in rows.filter(asked_to_move_at=None)[:MOST_TOLD]:
        arrives = max(job.starts_at, free_at + _minutes(job.buffer_before_minutes))
        free_at = arrives + _minutes(job.duration_minutes + job.buffer_after_minutes)
        steps = -((job.starts_at - arrives) // _minutes(STEP_MINUTES))
        late = min(steps * STEP_MINUTES, MOST_MINUTES)
        if job.arrival_window_minutes and arrives > latest_arrival(job) and late > job.late_minutes:
            told += _say(job, late, by, now)
    return told


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def _jobs_of_today(calendar: Calendar, now: datetime) -> QuerySet[Booking]:
    """Locked, in order."""
    zone = calendar.tradie.timezone
    begins, ends = day_bounds(in_zone(now, zone).date(), zone)
    rows = calendar.bookings.filter(starts_at__gte=begins, starts_at__lt=ends, status=Status.CONFIRMED)
    rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.select_related("tradie", "calendar").order_by("starts_at")


def _say(job: Booking, minutes: int, by: By, now: datetime) -> bool:
    """False: it has begun, or would have by then."""
    if not has_not_begun(job, now):
        return False
    job.late_minutes = minutes
    if not has_not_begun(job, now):
        return False
    Booking.objects.filter(pk=job.pk).update(late_minutes=minutes)
    expected = f"expected {arrival(job.expected_at, job.arrival_window_minutes, job.tradie.timezone)}"
    kind = EventKind.RUNNING_LATE if minutes else EventKind.ON_TIME
    record(job, kind, by=by, now=now, detail=f"{minutes} min: {expected}" if minutes else expected)
    messages.tell_late(job, now=now)
    return True
