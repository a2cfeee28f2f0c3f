"""Stretches of whole local days that figures are about, each with the one that it is compared with."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from .local_time import zone

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
JULY = 7


class Named(StrEnum):
    """Periods that have a name; all but the last one end today."""

    FOUR_WEEKS = "4-weeks"
    THREE_MONTHS = "3-months"
    TWELVE_MONTHS = "12-months"
    THIS_YEAR = "this-year"  # Australia's financial year, from July to June
    LAST_YEAR = "last-year"


@dataclass(frozen=True)
class Period:
    """The days from `first` to before `until`."""

    first: date
    until: date

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """Both included."""
        return cls(first, last + A_DAY)

    @property
    def last(self) -> date:
        return self.until - A_DAY

    @property
    def days(self) -> int:
        return (self.until - self.first).days

    def __str__(self) -> str:
        """`2 to 8 Nov 2026`, `28 Dec 2026 to 3 Jan 2027`, `2 Nov 2026`."""
        first, last = self.first, self.last
        if first == last:
            since = ""
        elif first.year != last.year:
            since = f"{first.day} {first:%b %Y} to "
        else:
            since = f"{first.day} to " if first.month == last.month else f"{first.day} {first:%b} to "
        return f"{since}{last.day} {last:%b %Y}"

    def bounds(self, zone_name: str) -> tuple[datetime, datetime]:
        """The UTC instants at which it begins and ends on the clock of a zone."""
        begins, ends = (datetime.combine(day, time.min, zone(zone_name)) for day in (self.first, self.until))
        return begins.astimezone(UTC), ends.astimezone(UTC)

    @property
    def monday(self) -> date:
        """Of the week in which it begins."""
        return self.first - timedelta(days=self.first.weekday())

    def weeks(self) -> list[Period]:
        """Monday to Sunday each; the first and the last as far as they belong to it."""
        monday, found = self.monday, []
        while monday < self.until:
            found.append(Period(max(monday, self.first), min(monday + A_WEEK, self.until)))
            monday += A_WEEK
        return found

    def just_before(self) -> Period:
        """As many days."""
        return Period(self.first - timedelta(days=self.days), self.first)


def named(name: Named, today: date) -> tuple[Period, Period]:
    """That period, and the one before it. A year that isn't over is compared with the same part of the last one."""
    until = today + A_DAY
    match name:
        case Named.FOUR_WEEKS:
            period = Period(until - 4 * A_WEEK, until)
            return period, period.just_before()
        case Named.THREE_MONTHS:
            return _months(until, 3)
        case Named.TWELVE_MONTHS:
            return _months(until, 12)
        case Named.THIS_YEAR:
            july = financial_year_of(today)
            return Period(july, until), Period(months_before(july, 12), months_before(until, 12))
    july = financial_year_of(today)
    year, before = months_before(july, 12), months_before(july, 24)
    return Period(year, july), Period(before, year)


def _months(until: date, count: int) -> tuple[Period, Period]:
    first = months_before(until, count)
    return Period(first, until), Period(months_before(until, 2 * count), first)


def financial_year_of(day: date) -> date:
    """The 1st of July at which it began."""
    return date(day.year if day.month >= JULY else day.year - 1, JULY, 1)


def months_before(day: date, months: int) -> date:
    """The same day of that month, or its last one: three months before 31 May is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
