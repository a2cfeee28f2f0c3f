"""The days of a business as its people see them in the calendar: jobs with their buffers, time off, hours."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.models import Tradie
from availability.day_plans import DayPlan, day_plans, minutes_on
from availability.models import Calendar, TimeOff
from availability.wall_clock import Span, minute_from, minute_of
from peepopay.local_time import in_zone, zone

from .job_lists import LONGEST_JOB, day_bounds
from .models import HOLDS_TIME, Booking

MOST_JOBS = 2000  # thirty people with nine jobs a day for a week


@dataclass(frozen=True, slots=True)
class Entry:
    """What takes a part of a day in one calendar: a job or a block of time off. Minutes of that day's clock;
    `kept_from` and `kept_to` are those of a job with its buffers."""

    starts: int
    ends: int
    calendar: Calendar
    booking: Booking | None = None
    block: TimeOff | None = None
    kept_from: int = 0
    kept_to: int = 0


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """A date of one calendar; `entries` in the order of their start."""

    day: date
    calendar: Calendar
    plan: DayPlan
    entries: tuple[Entry, ...]


def diary_days(tradie: Tradie, calendars: Collection[Calendar], days: Sequence[date]) -> list[DiaryDay]:
    """Each of these days, which follow one another, of each of these calendars: by day, then in the order of the
    calendars. Four queries."""
    plans = day_plans(tradie, calendars, days)
    named = {calendar.pk: calendar for calendar in calendars}
    jobs = _jobs(tradie, named, days)
    return [
        DiaryDay(day, calendar, plan, _entries(calendar, plan, jobs.get((calendar.pk, day), [])))
        for day in days
        for calendar in calendars
        for plan in (plans[calendar.pk, day],)
    ]


def _entries(calendar: Calendar, plan: DayPlan, jobs: list[Entry]) -> tuple[Entry, ...]:
    off = [Entry(starts, ends, calendar, block=block) for block, (starts, ends) in plan.off]
    return tuple(sorted([*off, *jobs], key=lambda entry: (entry.starts, entry.ends)))


def _jobs(
    tradie: Tradie, calendars: dict[uuid.UUID, Calendar], days: Sequence[date]
) -> dict[tuple[uuid.UUID, date], list[Entry]]:
    begins, _ = day_bounds(days[0], tradie.timezone)
    _, ends = day_bounds(days[-1], tradie.timezone)
    rows = Booking.objects.filter(
        tradie=tradie,
        calendar__in=calendars,
        status__in=HOLDS_TIME,
        starts_at__gt=begins - LONGEST_JOB,  # by the index; the end says the rest
        starts_at__lt=ends,
        ends_at__gt=begins,
    )
    found: dict[tuple[uuid.UUID, date], list[Entry]] = {}
    for booking in rows.order_by("starts_at")[:MOST_JOBS]:
        for day, entry in _on_its_days(booking, calendars[booking.calendar_id], tradie.timezone):
            found.setdefault((booking.calendar_id, day), []).append(entry)
    return found


def _on_its_days(booking: Booking, calendar: Calendar, zone_name: str) -> Iterator[tuple[date, Entry]]:
    tz = zone(zone_name)
    span = minute_of(booking.starts_at), minute_from(booking.ends_at)
    first = in_zone(booking.starts_at, zone_name).date()
    last = in_zone(booking.ends_at, zone_name).date()
    for number in range((last - first).days + 1):
        day = date.fromordinal(first.toordinal() + number)
        if span[1] > minute_of(day_bounds(day, zone_name)[0]):  # not one that ends at its midnight
            yield day, _with_buffers(Entry(*minutes_on(day, span, tz), calendar, booking), booking)


def _with_buffers(entry: Entry, booking: Booking) -> Entry:
    kept: Span = entry.starts - booking.buffer_before_minutes, entry.ends + booking.buffer_after_minutes
    return replace(entry, kept_from=max(kept[0], 0), kept_to=min(kept[1], 1440))
