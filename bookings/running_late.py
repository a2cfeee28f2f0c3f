"""Running late: whoever is still to be visited today is told once when to expect them. The booked times stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from availability.calendars import lock_calendar
from availability.models import Calendar
from peepopay.local_time import clock, in_zone

from . import messages
from .actors import By
from .job_lists import day_bounds
from .lifecycle import record
from .models import Booking, EventKind, Status

MOST_MINUTES = 240
MOST_TOLD = 30  # jobs of one calendar on one day


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


def has_not_begun(job: Booking, now: datetime) -> bool:
    """By what its customer was told last."""
    return job.status == Status.CONFIRMED and job.expected_at > now


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
    zone = calendar.tradie.timezone
    begins, ends = day_bounds(in_zone(now, zone).date(), zone)
    rows = calendar.bookings.filter(starts_at__gte=begins, starts_at__lt=ends, status=Status.CONFIRMED)
    rows = rows.exclude(late_minutes=minutes).select_for_update(no_key=True, of=("self",))
    jobs = list(rows.select_related("tradie", "calendar").order_by("starts_at")[:MOST_TOLD])
    return sum(_say(job, minutes, by, now) for job in jobs)


def _say(job: Booking, minutes: int, by: By, now: datetime) -> bool:
    """False: it has begun, or would have by then."""
    if not has_not_begun(job, now):
        return False
    job.late_minutes = minutes
    if not has_not_begun(job, now):
        return False
    Booking.objects.filter(pk=job.pk).update(late_minutes=minutes)
    zone = job.tradie.timezone
    expected = f"expected {clock(job.expected_at, zone)}"
    kind = EventKind.RUNNING_LATE if minutes else EventKind.ON_TIME
    record(job, kind, by=by, now=now, detail=f"{minutes} min: {expected}" if minutes else expected)
    messages.tell_late(job, now=now)
    return True
