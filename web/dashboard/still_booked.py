"""What stays booked although its time is no longer worked: shown to whoever changed that."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from availability.day_plans import outside_hours
from availability.models import Calendar, TimeOff
from availability.time_off import falling_into
from bookings.job_lists import ahead, day_bounds
from bookings.models import Booking

MOST_JOBS = 2000  # ahead of one tradie: a year of eight a day
MOST_SHOWN = 20


def in_time_off(block: TimeOff) -> list[Booking]:
    jobs = _ahead_of(block.calendar)[:MOST_JOBS]
    return list(falling_into(block, jobs, block.calendar.tradie.timezone))[:MOST_SHOWN]


def out_of_hours(calendar: Calendar, day: date | None = None) -> list[Booking]:
    """On that date, or on any."""
    jobs = _ahead_of(calendar)
    if day:
        begins, ends = day_bounds(day, calendar.tradie.timezone)
        jobs = jobs.filter(starts_at__gte=begins, starts_at__lt=ends)
    return outside_hours(calendar, jobs[:MOST_JOBS])[:MOST_SHOWN]


def in_outside_times(calendar: Calendar) -> list[Booking]:
    """By the calendars that are kept elsewhere. One query."""
    times = TimeOff.objects.filter(
        calendar=calendar,
        source__isnull=False,
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    return list(_ahead_of(calendar).filter(Exists(times))[:MOST_SHOWN])


def _ahead_of(calendar: Calendar) -> QuerySet[Booking]:
    return ahead(calendar.tradie.bookings.filter(calendar=calendar), timezone.now())
