"""The tradie's clock as whole numbers, so that a month of slots is integer arithmetic.

A *UTC minute* counts from 1970-01-01T00:00Z. A *wall minute* is what the clock on the tradie's wall shows, counted the
same way: date * 1440 + minute of the day. In a stretch of constant offset, wall = UTC + offset. A wall minute that
does not exist (spring) lies in no stretch; one that happens twice (autumn) lies in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()

Span = tuple[int, int]  # half-open: [from, to)


class Stretch(NamedTuple):
    """UTC minutes [starts, ends) in which the clock is `offset` minutes ahead of UTC."""

    starts: int
    ends: int
    offset: int


def minute_of(instant: datetime) -> int:
    """The UTC minute in which an aware instant lies."""
    return int((instant - EPOCH).total_seconds() // 60)


def minute_from(instant: datetime) -> int:
    """The first UTC minute that does not begin before an aware instant."""
    return -int(-(instant - EPOCH).total_seconds() // 60)


def instant_of(minute: int) -> datetime:
    """A UTC minute as an aware datetime in UTC."""
    return EPOCH + timedelta(minutes=minute)


def day_number(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL


def date_of(day_number: int) -> date:
    return date.fromordinal(day_number + EPOCH_ORDINAL)


def offset_at(zone: ZoneInfo, minute: int) -> int:
    """How many minutes the clock is ahead of UTC at a UTC minute."""
    offset = instant_of(minute).astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)


def wall_minute(zone: ZoneInfo, minute: int) -> int:
    """What the clock shows at a UTC minute."""
    return minute + offset_at(zone, minute)


def stretches(zone: ZoneInfo, starts: int, ends: int) -> list[Stretch]:
    """The stretches of constant offset that cover the UTC minutes [starts, ends), in order."""
    years = range(instant_of(starts).year, instant_of(ends).year + 1)
    return [
        Stretch(max(stretch.starts, starts), min(stretch.ends, ends), stretch.offset)
        for year in years
        for stretch in _stretches_of_year(zone, year)
        if stretch.starts < ends and stretch.ends > starts
    ]


@lru_cache(maxsize=128)
def _stretches_of_year(zone: ZoneInfo, year: int) -> tuple[Stretch, ...]:
    starts = minute_of(datetime(year, 1, 1, tzinfo=UTC))
    ends = minute_of(datetime(year + 1, 1, 1, tzinfo=UTC))
    changes = [_change_between(zone, day, day + DAY) for day in range(starts, ends, DAY)]
    borders = [starts, *(change for change in changes if change is not None), ends]
    return tuple(Stretch(a, b, offset_at(zone, a)) for a, b in pairwise(borders) if a < b)


def _change_between(zone: ZoneInfo, low: int, high: int) -> int | None:
    """The first UTC minute of the new offset, if it changes once in (low, high]."""
    before = offset_at(zone, low)
    if offset_at(zone, high) == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(zone, middle) == before else (low, middle)
    return high


def spans_on_the_clock(within: Iterable[Stretch], wall: Span) -> Iterator[Span]:
    """The UTC minutes at which the clock shows a minute of `wall`: one span, or two when the clock goes back."""
    for stretch in within:
        starts = max(wall[0] - stretch.offset, stretch.starts)
        ends = min(wall[1] - stretch.offset, stretch.ends)
        if starts < ends:
            yield starts, ends


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same minutes as spans in order that neither overlap nor touch."""
    result: list[Span] = []
    for starts, ends in sorted(spans):
        if result and starts <= result[-1][1]:
            if ends > result[-1][1]:
                result[-1] = (result[-1][0], ends)
        elif starts < ends:
            result.append((starts, ends))
    return result


def without(spans: Iterable[Span], holes: list[Span]) -> Iterator[Span]:
    """What is left of ordered spans after cutting out ordered holes."""
    at = 0
    for starts, ends in spans:
        while at < len(holes) and holes[at][1] <= starts:
            at += 1
        for hole_starts, hole_ends in islice(holes, at, None):
            if hole_starts >= ends:
                break
            if hole_starts > starts:
                yield starts, hole_starts
            starts = max(starts, hole_ends)
        if starts < ends:
            yield starts, ends
