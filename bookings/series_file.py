"""A series as one calendar entry that repeats (RFC 5545): its rule by the clock of its business, the dates that are
left out, and those that were moved by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from peepopay.local_time import in_zone, zone

from .calendar_file import PRODUCT, Method, address_of
from .models import HOLDS_TIME, Series
from .series_models import State
from .series_rule import Rule

DONE_OR_TO_DO = HOLDS_TIME


@dataclass(frozen=True)
class Entry:
    """What is said of it besides when. `left_out`: dates of the rule without a visit; `moved`: to which instant."""

    uid: str
    summary: str
    location: str
    minutes: int
    stamp: datetime
    left_out: Iterable[date] = ()
    moved: Mapping[date, datetime] = field(default_factory=dict)


def series_file(series: Series, *, now: datetime) -> bytes:
    """To fetch; as it stands, for whoever does the jobs. One query."""
    rule, left_out, moved = series.rule, list[date](), dict[date, datetime]()
    for visit in series.visits.select_related("booking"):
        booking = visit.booking
        if visit.state != State.BOOKED or booking is None or booking.status not in DONE_OR_TO_DO:
            left_out.append(visit.on)
        elif booking.starts_at != rule.starts(visit.on):
            moved[visit.on] = booking.starts_at
    like = series.like
    entry = Entry(
        uid=f"{series.pk}@series",
        summary=f"{like.service_name}: {like.customer_name}",
        location=address_of(like),
        minutes=like.duration_minutes,
        stamp=now,
        left_out=left_out,
        moved=moved,
    )
    return written(rule, entry)


def written(rule: Rule, entry: Entry) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", Method.PUBLISH.value)
    whole = _event(entry, _on_the_wall(rule, rule.first))
    whole.add("rrule", rule.ics())
    for day in entry.left_out:
        whole.add("exdate", _on_the_wall(rule, day))
    calendar.add_component(whole)
    for day, starts_at in entry.moved.items():
        one = _event(entry, in_zone(starts_at, rule.zone_name))
        one.add("recurrence-id", _on_the_wall(rule, day))
        calendar.add_component(one)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(entry: Entry, starts: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp)
    event.add("dtstart", starts)
    event.add("duration", timedelta(minutes=entry.minutes))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    return event


def _on_the_wall(rule: Rule, day: date) -> datetime:
    return datetime.combine(day, rule.at, zone(rule.zone_name))
