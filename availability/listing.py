"""The lists of free times, as JSON bytes ready to send, and how long each stays true by itself."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import orjson

from peepopay.local_time import zone

from .slot_cache import KEEP_ANSWERS_SECONDS
from .slots import Diary, Job, free_starts
from .wall_clock import DAY, Stretch, date_of, day_number, instant_of, minute_of, stretches, wall_minute

CLOCK = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(DAY)]


class Listing(NamedTuple):
    """`good_until`: from then on it may offer too much or too little, whether or not anyone changes the calendar."""

    body: bytes
    good_until: datetime
    is_worth_keeping: bool  # not for dates that can't be on offer: anyone could fill the cache with those


class Asked(NamedTuple):
    """Whose times: the diaries of the calendars that can do the job, the job, and the names to repeat in the answer.

    `job` None: nothing is on offer.
    """

    diaries: tuple[Diary, ...]
    job: Job | None
    timezone: str
    horizon_days: int
    service_id: str | None

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)

    def near_days(self, offered: list[Offered]) -> set[str]:
        """The dates on which somebody who has a free time is nearby already."""
        return {
            day
            for one in offered
            if self.job and (near := one.diary.near_days(self.job))
            for day, _ in _local_texts(self.zone, one.starts)
            if day_number(date.fromisoformat(day)) in near
        }

    def offered(self, first: date, last: date, now: datetime) -> list[Offered]:
        """The free times of each calendar."""
        if self.job is None:
            return []
        return [Offered(diary, free_starts(diary, self.job, first, last, now)) for diary in self.diaries]


class Offered(NamedTuple):
    """What one calendar offers: ordered UTC minutes."""

    diary: Diary
    starts: list[int]


def day_listing(asked: Asked, day: date, now: datetime) -> Listing:
    """`{date, timezone, service, slots: [{start, end}]}`."""
    offered = asked.offered(day, day, now)
    starts = _of_any(offered)
    length = asked.job.length if asked.job else 0
    ends = _local_texts(asked.zone, [start + length for start in starts])
    slots = [
        {"start": start, "end": end}
        for (_, start), (_, end) in zip(_local_texts(asked.zone, starts), ends, strict=True)
    ]
    answer = {
        "date": day.isoformat(),
        "timezone": asked.timezone,
        "service": asked.service_id,
        "slots": slots,
        **({"near": True} if asked.near_days(offered) else {}),
    }
    return Listing(
        orjson.dumps(answer), _good_until(asked.zone, offered, now), _is_near(asked, day, day, now)
    )


def month_listing(asked: Asked, first: date, now: datetime) -> Listing:
    """`{month, timezone, service, days: [{date, slots, starts}], first_free}` for every day of the month; and `near`,
    the dates on which somebody is nearby already, where that is told.

    `first_free` is the first date with a free time from the first of the month on, up to the horizon.
    """

    def told(starts: list[int]) -> dict[str, object]:
        days: dict[str, list[str]] = defaultdict(list)
        for day, text in _local_texts(asked.zone, starts):
            days[day].append(text)
        dates = _dates(first, last_of_month(first))
        return {
            "days": [{"date": d, "slots": len(days.get(d, ())), "starts": days.get(d, [])} for d in dates]
        }

    return _of_month(asked, first, now, told)


def month_in_minutes(asked: Asked, first: date, now: datetime) -> Listing:
    """`{month, timezone, service, stretches: [{offset, zone, days: {date: [minute, ...]}}], first_free}`: the same in a
    quarter of the bytes.

    Minutes of the local day, 0 to 1439, with the UTC offset that the whole stretch has; a month has more than one only
    where the clocks change. Days without a free time are left out.
    """
    return _of_month(asked, first, now, lambda starts: {"stretches": list(_stretches_of(asked.zone, starts))})


def _of_month(
    asked: Asked, first: date, now: datetime, told: Callable[[list[int]], dict[str, object]]
) -> Listing:
    """`told` says what is in the month of its starts, in UTC minutes."""
    last = last_of_month(first)
    offered = asked.offered(first, last, now)
    starts = _of_any(offered)
    if not starts:  # beyond the month only where it offers nothing
        offered = asked.offered(last, date_of(_last_day(asked, now)), now)
    answer = {
        "month": first.isoformat()[:7],
        "timezone": asked.timezone,
        "service": asked.service_id,
        **told(starts),
        **({"near": nearby} if (nearby := sorted(asked.near_days(offered) if starts else ())) else {}),
        "first_free": next((day for day, _ in _local_texts(asked.zone, _of_any(offered)[:1])), None),
    }
    near = _is_near(asked, first, last, now)
    return Listing(orjson.dumps(answer), _good_until(asked.zone, offered, now), near)


def _stretches_of(zone: ZoneInfo, minutes: list[int]) -> Iterator[dict[str, object]]:
    """Ordered UTC minutes by the clock on the wall, a part for each stretch."""
    for stretch in stretches(zone, minutes[0], minutes[-1] + 1) if minutes else ():
        days: dict[str, list[int]] = defaultdict(list)
        for minute in _between(minutes, stretch.starts, stretch.ends):
            day, of_day = divmod(minute + stretch.offset, DAY)
            days[date_of(day).isoformat()].append(of_day)
        yield {"offset": _offset_text(stretch.offset), "zone": _zone_name(zone, stretch), "days": days}


def _zone_name(zone: ZoneInfo, stretch: Stretch) -> str:
    """`AEDT`; where it has a number for a name (Lord Howe: `+1030`), `GMT+10:30`."""
    name = instant_of(stretch.starts).astimezone(zone).tzname() or ""
    return name if name.isalpha() else f"GMT{_offset_text(stretch.offset)}"


def _of_any(offered: list[Offered]) -> list[int]:
    """The times that at least one calendar offers, in order, each once."""
    if len(offered) == 1:
        return offered[0].starts
    return sorted({start for one in offered for start in one.starts})


def last_of_month(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _dates(first: date, last: date) -> Iterator[str]:
    return (first.replace(day=number).isoformat() for number in range(1, last.day + 1))


def _local_texts(zone: ZoneInfo, minutes: list[int]) -> Iterator[tuple[str, str]]:
    """(local date, local time with its offset) of ordered UTC minutes: ("2027-01-14", "2027-01-14T08:00:00+11:00")."""
    if not minutes:
        return
    known_day, day_text = -1, ""
    for stretch in stretches(zone, minutes[0], minutes[-1] + 1):
        offset = _offset_text(stretch.offset)
        for minute in _between(minutes, stretch.starts, stretch.ends):
            day, of_day = divmod(minute + stretch.offset, DAY)
            if day != known_day:
                known_day, day_text = day, date_of(day).isoformat()
            yield day_text, f"{day_text}T{CLOCK[of_day]}{offset}"


def _between(minutes: Iterable[int], starts: int, ends: int) -> Iterator[int]:
    return (minute for minute in minutes if starts <= minute < ends)


def _offset_text(offset: int) -> str:
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def _last_day(asked: Asked, now: datetime) -> int:
    return wall_minute(asked.zone, minute_of(now)) // DAY + asked.horizon_days


def _is_near(asked: Asked, first: date, last: date, now: datetime) -> bool:
    today = wall_minute(asked.zone, minute_of(now)) // DAY
    return day_number(last) >= today and day_number(first) <= _last_day(asked, now)


def _good_until(zone: ZoneInfo, offered: list[Offered], now: datetime) -> datetime:
    """Until the first time that a calendar offers comes too close, another day comes within the horizon, or the
    cache's own limit."""
    tomorrow = date_of(wall_minute(zone, minute_of(now)) // DAY + 1)
    return min(
        now + timedelta(seconds=KEEP_ANSWERS_SECONDS),
        datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone),
        *(instant_of(one.starts[0] - one.diary.rules.notice) for one in offered if one.starts),
    )
