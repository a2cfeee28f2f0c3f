"""When time off happens. The first time is exact; repeats keep the clock time of the tradie's zone.

Every Tuesday 2 pm to 3 pm stays at 2 pm on the clock when daylight saving begins or ends. A block that starts on
29 February is repeated on 28 February in other years.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from availability.wall_clock import (
    DAY,
    Span,
    date_of,
    day_number,
    minute_from,
    minute_of,
    spans_on_the_clock,
    stretches,
    wall_minute,
)

DAYS_BETWEEN = {"weekly": 7, "fortnightly": 14}


@dataclass(frozen=True, slots=True)
class Block:
    """Time off between two aware instants; `repeats`: never, weekly, fortnightly or yearly.

    `repeat_until` is the last local date on which it starts; None: it goes on.
    """

    starts_at: datetime
    ends_at: datetime
    repeats: str = "never"
    repeat_until: date | None = None

    def spans(self, zone: ZoneInfo, within: Span) -> Iterator[Span]:
        """The UTC minutes off work that touch the UTC minutes `within`. Parts of a minute count as the whole."""
        first = minute_of(self.starts_at), minute_from(self.ends_at)
        if first[0] < within[1] and first[1] > within[0]:
            yield first
        if self.repeats != "never":
            yield from self._repeats(zone, (wall_minute(zone, first[0]), wall_minute(zone, first[1])), within)

    def _repeats(self, zone: ZoneInfo, first: Span, within: Span) -> Iterator[Span]:
        # A day on either side: no clock is further than that from UTC, and a day's change of clocks is shorter.
        around = stretches(zone, within[0] - DAY, within[1] + DAY)
        length = first[1] - first[0]
        earliest, latest = (within[0] - length) // DAY - 1, within[1] // DAY + 1
        for day in self._days(first[0] // DAY, earliest, latest):
            starts = day * DAY + first[0] % DAY
            yield from spans_on_the_clock(around, (starts, starts + length))

    def _days(self, first: int, earliest: int, latest: int) -> Iterator[int]:
        """The day numbers after the first on which it starts, from `earliest` to `latest`."""
        if self.repeat_until is not None:
            latest = min(latest, day_number(self.repeat_until))
        if between := DAYS_BETWEEN.get(self.repeats):
            skipped = max(1, -((first - earliest) // between))
            yield from range(first + skipped * between, latest + 1, between)
        elif self.repeats == "yearly":
            first_date = date_of(first)
            years = range(max(first_date.year + 1, date_of(earliest).year), date_of(latest).year + 1)
            days = (day_number(_same_day(first_date, year)) for year in years)
            yield from (day for day in days if earliest <= day <= latest)


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
