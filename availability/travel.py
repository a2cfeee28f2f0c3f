"""Whether there is time for the drive from one job to another: along a straight line between the middles of their
postcodes.

Every job of the calendar has to be within reach, not only the two around: so one more job never opens a time that was
closed before, wherever it is, and whether or not anybody knows where that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from accounts.localities import kilometres

from .wall_clock import DAY, Span, wall_minute

LONGEST_MINUTES = (
    480  # a drive that takes longer counts as this: so far apart what is read of the diary reaches
)


NEAR_KM = 5


class Visit(NamedTuple):
    """A job that is booked, without its buffers: UTC minutes [starts, ends), and the postcode where it is, or ""."""

    starts: int
    ends: int
    postcode: str


def near_days(visits: Iterable[Visit], postcode: str, zone: ZoneInfo) -> set[int]:
    """The numbers of the local days on which one of them starts near that postcode."""
    return {
        wall_minute(zone, visit.starts) // DAY
        for visit in visits
        if (distance := kilometres(visit.postcode, postcode)) is not None and distance <= NEAR_KM
    }


@dataclass(frozen=True, slots=True)
class Travel:
    """How fast a business drives, as the crow flies, and how many minutes it wants to spare."""

    kmh: int
    slack: int

    def minutes(self, one: str, other: str) -> int | None:
        """From one postcode to another; None where nobody knows how far that is."""
        distance = kilometres(one, other)
        return None if distance is None else min(ceil(distance * 60 / self.kmh) + self.slack, LONGEST_MINUTES)

    def holes(self, visits: Iterable[Visit], postcode: str, length: int) -> Iterator[Span]:
        """The minutes at which no job of that length can start there."""
        for visit in visits:
            minutes = self.minutes(visit.postcode, postcode)
            if minutes is not None:
                yield visit.starts - minutes - length + 1, visit.ends + minutes

    def too_far(self, visits: Iterable[Visit], postcode: str, job: Span) -> Visit | None:
        """The first of them that is out of reach of a job then and there."""
        starts, ends = job
        for visit in visits:
            minutes = self.minutes(visit.postcode, postcode)
            if minutes is not None and starts < visit.ends + minutes and visit.starts < ends + minutes:
                return visit
        return None
