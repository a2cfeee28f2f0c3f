"""When somebody is busy by a file of calendar entries (RFC 5545): spans of instants, and nothing else of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from peepopay.local_time import zone

from .time_off import starts_from

Busy = frozenset[tuple[datetime, datetime]]

AHEAD = timedelta(days=366)
MOST_TIMES = 2_000
MOST_SECONDS = 10.0  # of reckoning repeats
TOO_MANY = f"It has more than {MOST_TIMES:,} times in the year ahead, which is the most that we keep."
TOO_FINE = ("SECONDLY", "MINUTELY")  # repeats that are nobody's day


class NoCalendar(Exception):
    """The text says why, in a sentence for whoever gave the address."""


def busy_in(files: Iterable[bytes], zone_name: str, *, now: datetime) -> Busy:
    """The spans, in UTC and half-open, that are not over and begin within a year. Without those that are said to be
    free, were cancelled, or are jobs of ours. Whole days, and times that name no zone, are those of `zone_name`.

    Raises NoCalendar."""
    found: set[tuple[datetime, datetime]] = set()
    give_up_at = time.monotonic() + MOST_SECONDS
    for content in files:
        for event in _occurrences(content, zone_name, now, give_up_at):
            starts, ends = (_instant(event.get(name).dt, zone_name) for name in ("dtstart", "dtend"))
            if _holds(event) and starts < ends and ends > now and starts < now + AHEAD:
                found.add((starts, ends))
            if len(found) > MOST_TIMES:
                raise NoCalendar(TOO_MANY)
    return frozenset(found)


def starts_of(content: bytes, zone_name: str) -> dict[str, tuple[datetime, datetime]]:
    """By its UID when each entry begins and ends for the first time; nothing of what can't be read."""
    from icalendar import Calendar

    found = {}
    with suppress(Exception):  # whatever somebody's file makes a library raise
        file: Any = Calendar.from_ical(content)
        for event in file.walk("VEVENT"):
            if "recurrence-id" not in event:
                starts, ends = _instant(event.start, zone_name), _instant(event.end, zone_name)
                found[str(event.get("uid", ""))] = starts, ends
    return found


def uid_of(booking_id: UUID) -> str:
    """What makes a job the same entry in every program."""
    return f"{booking_id}@{urlsplit(settings.SITE_URL).hostname}"


def is_ours(uid: str) -> bool:
    """A job that came from here: it holds its time already."""
    name, _, host = uid.partition("@")
    try:
        return host == urlsplit(settings.SITE_URL).hostname and bool(UUID(name))
    except ValueError:
        return False


def _occurrences(content: bytes, zone_name: str, now: datetime, give_up_at: float) -> Iterator[Any]:
    # Here: they take 10 MB, and only a worker ever reads calendars.
    from icalendar import Calendar
    from recurring_ical_events import of

    try:
        calendars: Any = Calendar.from_ical(content, multiple=True)
        if not calendars or any(one.name != "VCALENDAR" for one in calendars):
            raise ValueError
        for calendar in calendars:
            calendar.subcomponents = [part for part in calendar.subcomponents if _counts(part)]
            for entry in of(calendar, skip_bad_series=True).series:
                if time.monotonic() > give_up_at:
                    raise NoCalendar("Its entries repeat so often that they can't be reckoned.")
                yield from _times_of(entry, now.astimezone(zone(zone_name)))
    except NoCalendar:
        raise
    except Exception as problem:  # whatever somebody's file makes two libraries raise
        raise NoCalendar(
            "What is there isn't a calendar that can be read. Use the address in iCal format, which often ends in .ics."
        ) from problem


def _times_of(entry: Any, now: datetime) -> list[Any]:
    """A month first: where that is as much as we keep of a year, the year isn't reckoned."""
    from recurring_ical_events import CalendarQuery

    month = now + timedelta(days=31)
    found: list[Any] = []
    with suppress(*CalendarQuery.suppressed_errors):
        found += entry.between(now - timedelta(days=1), month)
        if len(found) > MOST_TIMES / 4:  # every hour
            raise NoCalendar(TOO_MANY)
        found += entry.between(month, now + AHEAD)
    return [one.as_component(False) for one in found]


def _counts(part: Any) -> bool:
    """Entries that are not ours; and the zones that they speak of."""
    if part.name != "VEVENT":
        return bool(part.name == "VTIMEZONE")
    rules = part.get("rrule", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if set(map(str, rule.get("freq", []))) & set(TOO_FINE):
            raise NoCalendar("An entry in it repeats every minute or second, which can't be kept.")
        if int(rule.get("interval", [1])[0]) < 1:  # reckoning it has no end
            raise NoCalendar(
                "An entry in it says that it repeats every 0 days or weeks, which can't be kept."
            )
    return hasattr(part.get("dtstart"), "dt") and not is_ours(str(part.get("uid", "")))


def _holds(event: Any) -> bool:
    free = str(event.get("transp", "")).upper() == "TRANSPARENT"
    free = free or str(event.get("x-microsoft-cdo-busystatus", "")).upper() == "FREE"
    return not free and str(event.get("status", "")).upper() != "CANCELLED"


def _instant(at: date, zone_name: str) -> datetime:
    if not isinstance(at, datetime):
        return starts_from(at, None, zone_name)
    return (at if at.tzinfo else at.replace(tzinfo=zone(zone_name))).astimezone(UTC)
