"""Where things stand in the calendar's columns: an hour is twelve rows of five minutes, named by classes of
`static/css/calendar_timed.css`, since a page may not carry styles of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from availability.models import Calendar
from bookings.diary_days import DiaryDay, Entry
from peepopay.local_time import in_zone

HOURS_IN_A_DAY = 24
USUAL_HOURS = range(7, 17)  # what a page shows at least


def rows(starts: int, ends: int) -> str:
    """The classes of what takes these minutes, counted from the top of a column."""
    first, last = starts // 5 * 5, -(-ends // 5) * 5
    return f"from-{first // 60} past-{first % 60} to-{last // 60} until-{last % 60}"


def axis(hours: range) -> list[tuple[str, str]]:
    """Each hour's classes and what it is called."""
    called = [f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}" for hour in hours]
    return [(rows(number * 60, number * 60 + 60), name) for number, name in enumerate(called)]


def hours_shown(days: Iterable[DiaryDay]) -> range:
    """The whole hours that a page needs for all that is on it, 0 to 24."""
    parts = [part for day in days for part in _parts(day)]
    first = min([USUAL_HOURS.start, *(starts // 60 for starts, _ in parts)])
    last = max([USUAL_HOURS.stop, *(-(-ends // 60) for _, ends in parts)])
    return range(first, min(last, HOURS_IN_A_DAY))


def _parts(day: DiaryDay) -> Iterator[tuple[int, int]]:
    yield from day.plan.open
    # Time off counts where it lies between other things: a day off is no reason to show the night.
    yield from ((entry.kept_from, entry.kept_to) for entry in day.entries if entry.booking)


@dataclass(frozen=True)
class Placed:
    """An entry and the classes of where it stands; `before` and `after`: those of its buffers, if it has any."""

    entry: Entry
    rows: str
    before: str
    after: str
    is_short: bool


@dataclass(frozen=True)
class Column:
    """A day of one calendar; or, where there are several and one column a day, of all: then nothing has a place.

    `cells`: the hours that can still be used, each with its classes and its clock time. `now`: the classes of the line
    that says what time it is.
    """

    day: date
    calendar: Calendar | None
    notes: tuple[tuple[Calendar, str], ...]
    entries: tuple[Placed, ...]
    is_past: bool
    is_today: bool
    is_closed: bool
    open: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    now: str = ""

    @property
    def name(self) -> str:
        """What it is called on its page."""
        whose = f"-{self.calendar.pk}" if self.calendar else ""
        return f"day-{self.day}{whose}"


def column_of(days: list[DiaryDay], hours: range, now: datetime, zone_name: str) -> Column:
    """`days`: one date of one calendar, or of several."""
    local = in_zone(now, zone_name)
    day, alone = days[0].day, days[0] if len(days) == 1 else None
    entries = sorted(
        (entry for one in days for entry in one.entries), key=lambda entry: (entry.starts, entry.ends)
    )
    minute = local.hour * 60 + local.minute if day == local.date() else None
    shows_now = minute is not None and minute // 60 in hours
    return Column(
        day,
        alone.calendar if alone else None,
        tuple((one.calendar, one.plan.special) for one in days if one.plan.special),
        tuple(_placed(entry, hours) for entry in entries),
        is_past=day < local.date(),
        is_today=day == local.date(),
        is_closed=not any(one.plan.open for one in days),
        open=tuple(_rows_within(*part, hours) for part in alone.plan.open) if alone else (),
        cells=tuple(_cells(day, local, hours)) if alone else (),
        now=_rows_within(minute, minute + 5, hours) if alone and shows_now and minute is not None else "",
    )


def _placed(entry: Entry, hours: range) -> Placed:
    buffered = entry.booking is not None
    return Placed(
        entry,
        _rows_within(entry.starts, entry.ends, hours),
        _rows_within(entry.kept_from, entry.starts, hours)
        if buffered and entry.kept_from < entry.starts
        else "",
        _rows_within(entry.ends, entry.kept_to, hours) if buffered and entry.ends < entry.kept_to else "",
        is_short=entry.ends - entry.starts < 45,
    )


def _cells(day: date, local: datetime, hours: range) -> Iterator[tuple[str, str]]:
    for hour in hours:
        if datetime.combine(day, time(hour, 59), local.tzinfo) > local:
            yield rows((hour - hours.start) * 60, (hour - hours.start + 1) * 60), f"{hour:02}:00"


def _rows_within(starts: int, ends: int, hours: range) -> str:
    """Cut to the hours that are shown; what lies outside of them altogether is a line at their edge."""
    top, length = hours.start * 60, len(hours) * 60
    first = min(max(starts - top, 0), length - 5)
    return rows(first, max(min(ends - top, length), first + 5))
