"""The two lists of free times, as JSON bytes ready to send, and how long each stays true by itself."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import orjson
from django.conf import settings

from .slots import Diary, Job, free_starts, last_day_on_offer
from .wall_clock import DAY, date_of, day_number, instant_of, minute_of, stretches, wall_minute

CLOCK = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(DAY)]


class Listing(NamedTuple):
    """`good_until`: from then on it may offer too much or too little, whether or not anyone changes the calendar."""

    body: bytes
    good_until: datetime
    is_worth_keeping: bool  # not for dates that can't be on offer: anyone could fill the cache with those


class Asked(NamedTuple):
    """Whose times: the diary, the job and the names to repeat in the answer. `job` None: nothing is on offer."""

    diary: Diary
    job: Job | None
    timezone: str
    service_id: str | None

    def starts(self, first: date, last: date, now: datetime) -> list[int]:
        return free_starts(self.diary, self.job, first, last, now) if self.job else []


def day_listing(asked: Asked, day: date, now: datetime) -> Listing:
    """`{date, timezone, service, slots: [{start, end}]}`."""
    starts = asked.starts(day, day, now)
    length = asked.job.length if asked.job else 0
    ends = _local_texts(asked.diary, [start + length for start in starts])
    slots = [
        {"start": start, "end": end}
        for (_, start), (_, end) in zip(_local_texts(asked.diary, starts), ends, strict=True)
    ]
    answer = {
        "date": day.isoformat(),
        "timezone": asked.timezone,
        "service": asked.service_id,
        "slots": slots,
    }
    return Listing(
        orjson.dumps(answer), _good_until(asked.diary, starts, now), _is_near(asked.diary, day, day, now)
    )


def month_listing(asked: Asked, first: date, now: datetime) -> Listing:
    """`{month, timezone, service, days: [{date, slots, starts}], first_free}` for every day of the month.

    `first_free` is the first date with a free time from the first of the month on, up to the horizon.
    """
    last = last_of_month(first)
    starts = asked.starts(first, last, now)
    days: dict[str, list[str]] = defaultdict(list)
    for day, text in _local_texts(asked.diary, starts):
        days[day].append(text)
    # Beyond the month only where it offers nothing.
    offered = starts or asked.starts(last, date_of(last_day_on_offer(asked.diary.rules, now)), now)
    answer = {
        "month": first.isoformat()[:7],
        "timezone": asked.timezone,
        "service": asked.service_id,
        "days": [
            {"date": d, "slots": len(days.get(d, ())), "starts": days.get(d, [])} for d in _dates(first, last)
        ],
        "first_free": next((day for day, _ in _local_texts(asked.diary, offered[:1])), None),
    }
    near = _is_near(asked.diary, first, last, now)
    return Listing(orjson.dumps(answer), _good_until(asked.diary, offered, now), near)


def last_of_month(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _dates(first: date, last: date) -> Iterator[str]:
    return (first.replace(day=number).isoformat() for number in range(1, last.day + 1))


def _local_texts(diary: Diary, minutes: list[int]) -> Iterator[tuple[str, str]]:
    """(local date, local time with its offset) of ordered UTC minutes: ("2027-01-14", "2027-01-14T08:00:00+11:00")."""
    if not minutes:
        return
    known_day, day_text = -1, ""
    for stretch in stretches(diary.rules.zone, minutes[0], minutes[-1] + 1):
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


def _is_near(diary: Diary, first: date, last: date, now: datetime) -> bool:
    today = wall_minute(diary.rules.zone, minute_of(now)) // DAY
    return day_number(last) >= today and day_number(first) <= last_day_on_offer(diary.rules, now)


def _good_until(diary: Diary, offered: list[int], now: datetime) -> datetime:
    """Until the first offered time comes too close, another day comes within the horizon, or the cache's own limit."""
    zone = diary.rules.zone
    tomorrow = date_of(wall_minute(zone, minute_of(now)) // DAY + 1)
    limits = [
        now + timedelta(seconds=settings.SLOT_CACHE_SECONDS),
        datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone),
    ]
    if offered:
        limits.append(instant_of(offered[0] - diary.rules.notice))
    return min(limits)
