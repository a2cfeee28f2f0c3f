"""Entries of a calendar that repeat, as the dates ahead that they stand for."""

from __future__ import annotations

import json
import re
import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby, takewhile
from typing import Any

from bookings.series_dates import A_DAY, AHEAD
from bookings.series_rule import Every, Rule
from peepopay.local_time import in_zone, zone

UNREAD = "no"
MOST_DATES = 100  # of one entry: more than one a day is nobody's job
MOST_SECONDS = 3.0  # somebody waits for the page
MOST_DAYS_BEFORE = 60
MOST_COUNTED = 5_000
OLDEST_DAILY = 30  # years: each of its days is counted
# What can be reckoned at once. An impossible date, as 30 February, is looked for up to the year 9999.
READ = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}
OF_DAYS = {"WEEKLY", "MONTHLY", "YEARLY"}
PLAIN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}
NTH_WEEKDAY = re.compile(r"[1-5](MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True)
class Repeat:
    """What a date is one of, as it stands in its row. `of`: which entry; `every` and `at`: its rule, `every` being ""
    where we have none like it; `on`: its local date by that; `last`: up to which date its dates are rows; `left_out`:
    dates of later, too, that are skipped."""

    of: str
    every: str
    at: str
    on: str
    last: str
    until: str = ""
    deposit_days: int = 0
    left_out: tuple[str, ...] = ()

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, cell: str) -> Repeat | None:
        """None: of a row that stands alone."""
        return cls(**json.loads(cell)) if cell and cell != UNREAD else None

    @classmethod
    def of_series(cls, row: dict[str, Any], on: str, left_out: Iterable[str]) -> Repeat:
        """Of a row of our own table; `left_out`: its dates without a job. Raises ValueError and KeyError."""
        return cls(
            str(row["id"]),
            Every(row["every"]),
            time.fromisoformat(row["at"]).isoformat(),
            _day(on),
            _day(row["made_until"]),
            _day(row["until"]) if row["until"] else "",
            min(max(0, int(row["deposit_days"])), MOST_DAYS_BEFORE),
            tuple(map(_day, left_out)),
        )

    def rule(self, first: date, zone_name: str) -> Rule:
        until = date.fromisoformat(self.until) if self.until else None
        return Rule(self.every, first, time.fromisoformat(self.at), zone_name, until)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def dates_in(events: Sequence[Any], zone_name: str, now: datetime) -> Iterator[tuple[Any, str]]:
    """The dates of the next twelve weeks, each as an entry of its own with its `Repeat`; an entry that can't be
    reckoned as itself, with UNREAD. `events`: all that repeat, and what was changed of single dates."""
    give_up_at = clocks.monotonic() + MOST_SECONDS
    by_uid = sorted(events, key=_uid)
    for number, (_, group) in enumerate(groupby(by_uid, _uid)):
        of_it = list(group)
        whole = next((event for event in of_it if _repeats(event)), None)
        try:
            if clocks.monotonic() > give_up_at or (whole and not _is_sane(whole, now)):
                raise ValueError
            dates = _dates(of_it, now)
            yield from _told(dates, whole, str(number), zone_name, in_zone(now, zone_name).date() + AHEAD)
        except Exception:  # whatever somebody's file makes two libraries raise
            yield whole or of_it[0], UNREAD


def is_of_a_series(event: Any) -> bool:
    return _repeats(event) or bool(event.get("recurrence-id"))


def _uid(event: Any) -> str:
    return str(event.get("uid", ""))


def _repeats(event: Any) -> bool:
    return bool(event.get("rrule") or event.get("rdate"))


def _is_sane(event: Any, now: datetime) -> bool:
    rule = event.get("rrule")
    if rule is None:
        return True
    if isinstance(rule, list) or set(rule) - READ or int(_of(rule, "INTERVAL", 1)) < 1:
        return False
    if _of(rule, "FREQ") == "DAILY":
        return set(rule) <= PLAIN and event.start.year > now.year - OLDEST_DAILY
    return _of(rule, "FREQ") in OF_DAYS


def _of(rule: Any, name: str, usual: Any = "") -> Any:
    return rule.get(name, [usual])[0]


def _dates(events: list[Any], now: datetime) -> list[Any]:
    from icalendar import Calendar
    from recurring_ical_events import of

    calendar = Calendar()
    calendar.subcomponents = events
    found: list[Any] = []
    for series in of(calendar).series:
        for one in series.between(now, now + AHEAD):
            found.append(one.as_component(False))
            if len(found) > MOST_DATES:
                raise ValueError
    return sorted(found, key=lambda one: str(one.start))


def _told(dates: Sequence[Any], whole: Any, of: str, zone_name: str, last: date) -> Iterator[tuple[Any, str]]:
    """With the rule that they all follow, if it is one of ours."""
    at, until = time(), None
    every = _every(whole) if whole and not any(_changes_the_rest(one) for one in dates) else ""
    if every:
        first = _local(whole.start, zone_name)
        at, until = first.time(), _until(whole, every, first, zone_name)
    on = [
        _local(one.get("recurrence-id").dt if one.get("recurrence-id") else one.start, zone_name)
        for one in dates
    ]
    if every and on:
        rule = Rule(every, min(on).date(), at, zone_name, until)
        days = set(takewhile(lambda day: day <= last + A_DAY, rule.dates()))
        if any(one.date() not in days or rule.starts(one.date()) != one.astimezone(UTC) for one in on):
            every = ""
    for event, local in zip(dates, on, strict=True):
        said = "" if until is None else until.isoformat()
        yield (
            event,
            Repeat(of, every, at.isoformat(), local.date().isoformat(), last.isoformat(), said).written(),
        )


def _every(event: Any) -> str:
    """A rule like ours, as far as it says; whether its dates are those too, is looked at."""
    rule = event.get("rrule")
    if rule is None or event.get("rdate") or set(rule) - PLAIN or not isinstance(event.start, datetime):
        return ""
    often, gap, days = (
        _of(rule, "FREQ"),
        int(_of(rule, "INTERVAL", 1)),
        [str(day) for day in rule.get("BYDAY", [])],
    )
    if often == "WEEKLY" and len(days) < 2:
        return {1: str(Every.WEEK), 2: str(Every.FORTNIGHT)}.get(gap, "")
    is_nth = often == "MONTHLY" and gap == 1 and len(days) == 1 and NTH_WEEKDAY.fullmatch(days[0])
    return str(Every.MONTH) if is_nth else ""


def _changes_the_rest(event: Any) -> bool:
    """This date and all later ones."""
    return "RANGE" in getattr(event.get("recurrence-id"), "params", {})


def _until(event: Any, every: str, first: datetime, zone_name: str) -> date | None:
    rule = event.get("rrule")
    if rule.get("COUNT"):
        count = int(_of(rule, "COUNT"))
        return Rule(every, first.date(), first.time(), zone_name).nth(count) if count < MOST_COUNTED else None
    return _local(_of(rule, "UNTIL"), zone_name).date() if rule.get("UNTIL") else None


def _local(at: date, zone_name: str) -> datetime:
    """One without a zone is on the clock of the business."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return at.astimezone(zone(zone_name)) if at.tzinfo else at.replace(tzinfo=zone(zone_name))
