"""Times as people read them: in the tradie's zone, named."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def in_zone(instant: datetime, zone_name: str) -> datetime:
    return instant.astimezone(zone(zone_name))


def clock(instant: datetime, zone_name: str) -> str:
    """`8:00 am`."""
    return clock_of(in_zone(instant, zone_name).time())


def clock_of(at: time) -> str:
    """The same of a time of the clock."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def arrival(starts: datetime, minutes: int, zone_name: str) -> str:
    """When somebody comes who may arrive so many minutes after the start: `8:00 am` if none, else
    `between 8:00 and 10:00 am`. The only place where a window is put into words."""
    first = clock(starts, zone_name)
    if not minutes:
        return first
    last = clock(starts + timedelta(minutes=minutes), zone_name)
    return f"between {first.removesuffix(last[-3:])} and {last}"


def arrival_moment(starts: datetime, minutes: int, zone_name: str) -> str:
    """The same with its day: `Tue 14 Jan, between 8:00 and 10:00 am`."""
    return f"{short_day(starts, zone_name)}, {arrival(starts, minutes, zone_name)}"


def arrival_hours(starts: datetime, ends: datetime, minutes: int, zone_name: str) -> str:
    """From when to when: `8:00 am to 9:00 am`; of a window that alone, since when the job ends hangs on it."""
    until = "" if minutes else f" to {clock(ends, zone_name)}"
    return f"{arrival(starts, minutes, zone_name)}{until}"


def arrival_expected(expected: datetime, minutes: int, zone_name: str) -> str:
    """Of somebody who is late or on the way: `about 8:20 am`, `between 8:20 and 10:20 am`."""
    return f"{'' if minutes else 'about '}{arrival(expected, minutes, zone_name)}"


def day(instant: datetime, zone_name: str) -> str:
    """`Tuesday 14 January 2027`."""
    local = in_zone(instant, zone_name)
    return f"{local:%A} {local.day} {local:%B %Y}"


def short_day(instant: datetime, zone_name: str) -> str:
    """`Tue 14 Jan`."""
    local = in_zone(instant, zone_name)
    return f"{local:%a} {local.day} {local:%b}"


def day_of(local: date) -> str:
    """`Tue 14 Jan 2027`."""
    return f"{local:%a} {local.day} {local:%b %Y}"


def heading_of(local: date, today: date) -> str:
    """`Thursday 3 December`, `Today, Tuesday 1 December`; with its year where that isn't this one."""
    year = "" if local.year == today.year else f" {local.year}"
    near = {0: "Today, ", 1: "Tomorrow, ", -1: "Yesterday, "}.get((local - today).days, "")
    return f"{near}{local:%A} {local.day} {local:%B}{year}"


def moment(instant: datetime, zone_name: str) -> str:
    """`Tue 14 Jan, 8:00 am`."""
    return f"{short_day(instant, zone_name)}, {clock(instant, zone_name)}"


def soon(instant: datetime, zone_name: str, *, now: datetime) -> str:
    """`8:00 am` within the hour, before or after; else with its day."""
    is_near = abs(instant - now) <= timedelta(hours=1)
    return clock(instant, zone_name) if is_near else moment(instant, zone_name)


def when(instant: datetime, zone_name: str) -> str:
    """`Tue 14 Jan, 8:00 am`; in the hour that the clocks show twice, with which of the two: `Sun 4 Apr, 2:30 am AEDT`,
    on Lord Howe Island `Sun 4 Apr, 1:45 am (+11:00)`."""
    local = in_zone(instant, zone_name)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return moment(instant, zone_name)
    abbreviation = local.tzname() or ""
    which = abbreviation if abbreviation.isalpha() else f"({local.isoformat()[-6:]})"
    return f"{moment(instant, zone_name)} {which}"


def zone_label(instant: datetime, zone_name: str) -> str:
    """The zone's short name at that instant and its city: `AEDT, Sydney time`."""
    city = zone_name.rsplit("/", 1)[-1].replace("_", " ")
    abbreviation = in_zone(instant, zone_name).tzname() or ""
    # Lord Howe and Eucla have numbers for names ("+1030"): the city alone says more.
    return f"{abbreviation}, {city} time" if abbreviation.isalpha() else f"{city} time"


def is_on_the_clock(day: date, at: time, zone_name: str) -> bool:
    """Whether the clocks there show this time on that day: where they go forward, they skip an hour of it."""
    local = datetime.combine(day, at, zone(zone_name))
    return local.astimezone(UTC).astimezone(zone(zone_name)).replace(tzinfo=None) == local.replace(
        tzinfo=None
    )


def iso(instant: datetime, zone_name: str) -> str:
    """ISO 8601 with the zone's offset at that instant: `2027-01-14T08:00:00+11:00`."""
    return in_zone(instant, zone_name).isoformat(timespec="seconds")


def spoken_hours(hours: int) -> str:
    """`1 hour`, `24 hours`."""
    return f"{hours} hour{'' if hours == 1 else 's'}"


def spoken(minutes: int) -> str:
    """`2 hours`, `3 days`, `1 week`, `90 minutes`: the largest unit that says it whole."""
    for unit, size in (("week", 7 * 1440), ("day", 1440), ("hour", 60)):
        if minutes and minutes % size == 0:
            number = minutes // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{minutes} minutes"
