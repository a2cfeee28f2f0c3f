"""What counts say, in words. No clock, no database."""

from __future__ import annotations

from calendar import day_name
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from peepopay.local_time import spoken

Key = TypeVar("Key", int, tuple[int, int])
ENOUGH = 10  # of which something can be said
SHADES = 4
DAYS = range(7)
BUCKETS = (
    ("On the day itself", 0, 0),
    ("The day before", 1, 1),
    ("2 to 3 days", 2, 3),
    ("4 to 7 days", 4, 7),
    ("8 to 14 days", 8, 14),
    ("15 to 28 days", 15, 28),
    ("More than 4 weeks", 29, None),
)


def percent(part: int, whole: int) -> str:
    """`9%`, half a percent up; nothing of nothing."""
    return f"{(200 * part + whole) // (2 * whole)}%" if whole else ""


def part_of(part: int, whole: int) -> str:
    """`4 of 46 (9%)`."""
    return f"{part} of {whole} ({percent(part, whole)})" if whole else "0"


class Bucket(NamedTuple):
    name: str
    bookings: int
    share: str


@dataclass(frozen=True)
class Ahead:
    """How far ahead people book: how many bookings were made how many days before their job."""

    by_days: Counter[int]

    @cached_property
    def bookings(self) -> int:
        return self.by_days.total()

    @cached_property
    def buckets(self) -> list[Bucket]:
        counts = [
            sum(
                count
                for days, count in self.by_days.items()
                if least <= days <= (days if most is None else most)
            )
            for _, least, most in BUCKETS
        ]
        return [
            Bucket(name, count, percent(count, self.bookings))
            for (name, _, _), count in zip(BUCKETS, counts, strict=True)
        ]

    @cached_property
    def half(self) -> int:
        """The fewest days within which at least half of them were made."""
        return self._fewest(lambda made: 2 * made >= self.bookings)

    @cached_property
    def long(self) -> int:
        """The most days that at least one in ten of them were made ahead."""
        return self._fewest(lambda made: 10 * (self.bookings - made) < self.bookings)

    def _fewest(self, is_enough: Callable[[int], bool]) -> int:
        made = 0
        for days in sorted(self.by_days):
            made += self.by_days[days]
            if is_enough(made):
                return days
        return 0

    @property
    def sentences(self) -> list[str]:
        """`Half of the bookings are made within 3 days of the job.`"""
        if self.bookings < ENOUGH:
            return []
        said = [f"Half of the bookings are made {_at_most(self.half)}."]
        if self.long > self.half:
            said.append(f"One in ten is made {_in_days(self.long)} ahead or earlier.")
        return said


def _at_most(days: int) -> str:
    match days:
        case 0:
            return "on the day of the job"
        case 1:
            return "on the day before the job or later"
    return f"{_in_days(days)} ahead or later"


def _in_days(days: int) -> str:
    return spoken(days * 1440)


class Cell(NamedTuple):
    """`shade`: 0 is none, 4 the darkest."""

    jobs: int
    shade: int


class HourRow(NamedTuple):
    hour: int
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Hours:
    """How many jobs begin in which hour of which weekday, 0 being Monday."""

    by_hour: Counter[tuple[int, int]]

    @cached_property
    def rows(self) -> list[HourRow]:
        """From the first hour in which one begins to the last."""
        hours = [hour for _, hour in self.by_hour]
        most = max(self.by_hour.values(), default=0)
        return [
            HourRow(
                hour,
                clock_hour(hour),
                [Cell(jobs, -(-SHADES * jobs // most)) for jobs in (self.by_hour[day, hour] for day in DAYS)],
            )
            for hour in (range(min(hours), max(hours) + 1) if hours else ())
        ]

    @property
    def sentences(self) -> list[str]:
        """`The busiest hour is Tuesday, 8 am to 9 am: 14 jobs begin in it.`"""
        if self.by_hour.total() < ENOUGH:
            return []
        (day, hour), jobs = _most(self.by_hour)
        by_day: Counter[int] = Counter()
        for (weekday, _), count in self.by_hour.items():
            by_day[weekday] += count
        busiest, in_day = _most(by_day)
        begin = "1 job begins" if jobs == 1 else f"{jobs} jobs begin"
        return [
            f"The busiest hour is {day_name[day]}, {clock_hour(hour)} to {clock_hour(hour + 1)}: {begin} in it.",
            f"The busiest day is {day_name[busiest]}, with {in_day}.",
        ]


def _most(counts: Counter[Key]) -> tuple[Key, int]:
    """The largest, of several the first."""
    return min(counts.items(), key=lambda item: (-item[1], item[0]))


def clock_hour(hour: int) -> str:
    """`8 am`, `12 pm`, `midnight`."""
    if hour % 24 == 0:
        return "midnight"
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"
