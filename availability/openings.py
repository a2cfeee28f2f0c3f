"""When a tradie is open on a date: by an exception for it, else not on a public holiday, else by its weekday."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from availability.wall_clock import Span, merged

# Of one day: minutes since local midnight, 0 to 1440, in order, neither overlapping nor touching.
Ranges = tuple[Span, ...]


def tidy(ranges: list[Span]) -> Ranges:
    """Ranges in order; those that touch or overlap become one, so that a day opens once for each."""
    return tuple(merged(ranges))


@dataclass(frozen=True, slots=True)
class Openings:
    """Hours by weekday (0 is Monday) and by date. An exception replaces the day's hours; () is closed.

    An exception with hours also opens a public holiday.
    """

    weekly: Mapping[int, Ranges]
    exceptions: Mapping[date, Ranges] = field(default_factory=dict)
    holidays: Set[date] = frozenset()

    def on(self, day: date) -> Ranges:
        """The open ranges of a date, in minutes since local midnight."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.holidays:
            return ()
        return self.weekly.get(day.weekday(), ())

    def is_day_off(self, day: date) -> bool:
        """Closed on that date although its weekday is worked."""
        return not self.on(day) and bool(self.weekly.get(day.weekday()))
