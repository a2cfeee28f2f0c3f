"""On which dates a job comes round: a rule of the calendar on the wall, so that eight o'clock stays eight o'clock when
the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice, takewhile

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from django.db.models import TextChoices

from peepopay.local_time import zone

ORDINALS = ("first", "second", "third", "fourth", "fifth")


class Every(TextChoices):
    WEEK = "week", "Every week"
    FORTNIGHT = "fortnight", "Every two weeks"
    MONTH = "month", "Every month, on the same weekday"


@dataclass(frozen=True, slots=True)
class Rule:
    """From a local date on, at a time of the clock in that zone. Every month: on the second Tuesday, say; a month
    without a fifth one has none. `until`: the last date that may be one; None: it goes on."""

    every: str
    first: date
    at: time
    zone_name: str
    until: date | None = None

    def dates(self) -> Iterator[date]:
        """In order, from the first."""
        begins = datetime.combine(self.first, time())
        if self.every == Every.MONTH:
            which = weekday(self.first.weekday())(week_of_month(self.first))
            found = rrule(MONTHLY, dtstart=begins, byweekday=which)
        else:
            found = rrule(WEEKLY, dtstart=begins, interval=1 if self.every == Every.WEEK else 2)
        return takewhile(lambda day: self.until is None or day <= self.until, (one.date() for one in found))

    def nth(self, count: int) -> date:
        """The date of visit number `count`, the first being number 1."""
        return next(islice(self.dates(), count - 1, None))

    def starts(self, day: date) -> datetime:
        """The UTC instant at which the job of that date begins. Of two equal clock times the earlier; one that the
        clocks skip is as much later as they skip."""
        return datetime.combine(day, self.at, zone(self.zone_name)).astimezone(UTC)

    def ics(self) -> dict[str, object]:
        """The same as RFC 5545 has it; a last date is said as the UTC instant at which its visit begins."""
        until = {} if self.until is None else {"until": self.starts(self.until)}
        if self.every == Every.MONTH:
            day = f"{week_of_month(self.first)}{self._weekday}"
            return {"freq": "MONTHLY", "byday": day, **until}
        return {"freq": "WEEKLY", "interval": 1 if self.every == Every.WEEK else 2, **until}

    @property
    def _weekday(self) -> str:
        return ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[self.first.weekday()]


def week_of_month(day: date) -> int:
    """1 to 5: it is the first of its weekdays in its month, say."""
    return (day.day - 1) // 7 + 1


def words_of(every: str, first: date) -> str:
    """`every two weeks on Tuesday`, `every second Tuesday of the month`."""
    if every == Every.MONTH:
        return f"every {ORDINALS[week_of_month(first) - 1]} {first:%A} of the month"
    how_often = "week" if every == Every.WEEK else "two weeks"
    return f"every {how_often} on {first:%A}"


def months_without(rule: Rule, last: date) -> list[date]:
    """The first of each month up to that of `last` in which no visit falls, as it has no fifth such weekday."""
    if rule.every != Every.MONTH:
        return []
    end = min(last, rule.until) if rule.until else last
    has = {day.replace(day=1) for day in takewhile(lambda day: day <= end, rule.dates())}
    months = rrule(MONTHLY, dtstart=datetime.combine(rule.first.replace(day=1), time()))
    within = takewhile(lambda month: month < end.replace(day=1), (one.date() for one in months))
    return [month for month in within if month not in has]
