"""The free times of a month, laid out as its weeks for a page."""

from __future__ import annotations

from calendar import Calendar, day_name
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peepopay.local_time import clock, in_zone


@dataclass(frozen=True)
class Day:
    """A local date with the UTC instants that are free on it."""

    date: date
    times: tuple[datetime, ...] = ()
    says_zone: bool = False  # as one time of the clock comes twice: the clocks go back


@dataclass(frozen=True)
class Month:
    """`weeks`: Monday to Sunday, None for days of other months. `before`, `after`: the first of the months beside it,
    where they can have free times."""

    first: date
    weeks: list[list[Day | None]]
    before: date | None
    after: date | None
    near: list[Day]  # of its days with free times those on which somebody is nearby already

    weekdays = day_name

    @property
    def has_times(self) -> bool:
        return any(day and day.times for week in self.weeks for day in week)

    def day(self, wanted: date | None) -> Day | None:
        """That date, if anything is free on it."""
        days = (day for week in self.weeks for day in week if day and day.times)
        return next((day for day in days if day.date == wanted), None)


def month_of(
    first: date,
    times: Iterable[datetime],
    zone_name: str,
    *,
    today: date,
    last_day: date,
    near: Collection[date] = (),
) -> Month:
    """The month that begins on `first`, with the times that fall into it. Times are on offer from `today` to
    `last_day`."""
    by_day: dict[date, list[datetime]] = defaultdict(list)
    for time in times:
        by_day[in_zone(time, zone_name).date()].append(time)
    weeks = [
        [_day(day, by_day.get(day, []), zone_name) if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    days = [day for week in weeks for day in week if day]
    nearby = [day for day in days if day.times and day.date in near]
    before, after = (first - timedelta(days=1)).replace(day=1), next_month(first)
    return Month(
        first, weeks, before if first > today else None, after if after <= last_day else None, nearby
    )


def _day(day: date, times: list[datetime], zone_name: str) -> Day:
    return Day(day, tuple(times), len({clock(time, zone_name) for time in times}) < len(times))


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
