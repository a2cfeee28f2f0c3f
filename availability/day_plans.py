"""What a date of a calendar is like for whoever works by it: its hours, what is special about it, time off. Clock
minutes are those of the date, 0 to 1440."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Tradie
from peepopay.local_time import in_zone, zone

from .models import Calendar, DateException, Repeats, TimeOff, WorkingHours
from .openings import Openings, Ranges, tidy
from .public_holidays import public_holidays
from .recurrence import Block
from .time_off import Booked, starts_from
from .wall_clock import DAY, Span, date_of, day_number, minute_from, minute_of, wall_minute

PlanKey = tuple[uuid.UUID, date]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`open`: when it is worked. `special`: why it is not as every week, else empty. `off`: the blocks that fall on
    it, each with its minutes of that date."""

    open: Ranges
    special: str
    off: tuple[tuple[TimeOff, Span], ...]


def day_plans(
    tradie: Tradie, calendars: Collection[Calendar], days: Sequence[date]
) -> dict[PlanKey, DayPlan]:
    """Of each calendar on each of these days, which follow one another. Three queries."""
    weekly, exceptions = _weekly(calendars), _exceptions(calendars, days)
    holidays = _holidays(tradie, days)
    off = _off(tradie, calendars, days)
    plans = {}
    for calendar in calendars:
        rows = exceptions[calendar.pk]
        ranges = {day: tidy(_spans(of_day)) for day, of_day in rows.items()}
        openings = Openings(weekly[calendar.pk], ranges, holidays.keys())
        for day in days:
            special = _special(rows[day], ranges[day]) if day in rows else holidays.get(day, "")
            key = calendar.pk, day
            plans[key] = DayPlan(openings.on(day), special, tuple(off[key]))
    return plans


def outside_hours(calendar: Calendar, jobs: Iterable[Booked]) -> list[Booked]:
    """The jobs that are not within hours of their day, in their order. Three queries."""
    tradie, found = calendar.tradie, list(jobs)
    if not found:
        return []
    tz = zone(tradie.timezone)
    dates = [in_zone(job.starts_at, tradie.timezone).date() for job in found]
    days = [date_of(n) for n in range(day_number(min(dates)), day_number(max(dates)) + 1)]
    plans = day_plans(tradie, [calendar], days)

    def is_within(job: Booked, day: date) -> bool:
        starts, ends = minutes_on(day, (minute_of(job.starts_at), minute_from(job.ends_at)), tz)
        return any(opens <= starts and ends <= closes for opens, closes in plans[calendar.pk, day].open)

    return [job for job, day in zip(found, dates, strict=True) if not is_within(job, day)]


def minutes_on(day: date, span: Span, tz: ZoneInfo) -> Span:
    """UTC minutes as minutes of the day's clock, cut to the day. When the clocks go back, something may end before it
    starts by the clock: then it takes a quarter of an hour."""
    midnight = day_number(day) * DAY
    starts = max(wall_minute(tz, span[0]) - midnight, 0)
    ends = min(wall_minute(tz, span[1] - 1) + 1 - midnight, DAY)
    return (starts, ends) if starts < ends else (min(starts, DAY - 15), min(starts, DAY - 15) + 15)


def _weekly(calendars: Collection[Calendar]) -> Mapping[uuid.UUID, dict[int, Ranges]]:
    found: dict[uuid.UUID, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for row in WorkingHours.objects.filter(calendar__in=calendars):
        found[row.calendar_id][row.weekday].append((row.opens_minute, row.closes_minute))
    return defaultdict(
        dict, {pk: {weekday: tidy(spans) for weekday, spans in week.items()} for pk, week in found.items()}
    )


def _exceptions(
    calendars: Collection[Calendar], days: Sequence[date]
) -> Mapping[uuid.UUID, dict[date, list[DateException]]]:
    found: dict[uuid.UUID, dict[date, list[DateException]]] = defaultdict(lambda: defaultdict(list))
    for row in DateException.objects.filter(calendar__in=calendars, date__range=(days[0], days[-1])):
        found[row.calendar_id][row.date].append(row)
    return found


def _spans(rows: list[DateException]) -> list[Span]:
    return [
        (row.opens_minute, row.closes_minute)
        for row in rows
        if row.opens_minute is not None and row.closes_minute is not None
    ]


def _special(rows: list[DateException], ranges: Ranges) -> str:
    said = "Other hours" if ranges else "Closed"
    return f"{said}: {rows[0].reason}" if rows[0].reason else said


def _holidays(tradie: Tradie, days: Sequence[date]) -> dict[date, str]:
    if not tradie.closed_on_public_holidays:
        return {}
    years = range(days[0].year, days[-1].year + 1)
    return {day: name for year in years for day, name in public_holidays(tradie.state, year).items()}


def _off(
    tradie: Tradie, calendars: Collection[Calendar], days: Sequence[date]
) -> Mapping[PlanKey, list[tuple[TimeOff, Span]]]:
    begins = starts_from(days[0], None, tradie.timezone)
    ends = starts_from(days[-1] + timedelta(days=1), None, tradie.timezone)
    rows = TimeOff.objects.filter(calendar__in=calendars, starts_at__lt=ends).select_related("source")
    found: dict[PlanKey, list[tuple[TimeOff, Span]]] = defaultdict(list)
    for block in rows.filter(Q(ends_at__gt=begins) | ~Q(repeats=Repeats.NEVER)):
        for day, span in _days_off(block, (minute_of(begins), minute_from(ends)), zone(tradie.timezone)):
            found[block.calendar_id, day].append((block, span))
    return found


def _days_off(block: TimeOff, within: Span, tz: ZoneInfo) -> Iterator[tuple[date, Span]]:
    repeated = Block(block.starts_at, block.ends_at, block.repeats, block.repeat_until)
    for span in repeated.spans(tz, within):
        first, last = max(span[0], within[0]), min(span[1], within[1]) - 1
        if first <= last:
            for day in range(wall_minute(tz, first) // DAY, wall_minute(tz, last) // DAY + 1):
                yield date_of(day), minutes_on(date_of(day), span, tz)
