"""A series as a calendar entry that repeats: `recurring-ical-events`, which is not ours, reads from it exactly the
visits that we make, wherever the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.series_file import Entry, written
from bookings.series_rule import Every, Rule

ZONES = [
    "Australia/Sydney",
    "Australia/Brisbane",
    "Australia/Adelaide",
    "Australia/Perth",
    "Australia/Lord_Howe",
]
STAMP = datetime(2026, 11, 28, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2029, 12, 31)


def read(file: bytes, first: date, last: date) -> list[datetime]:
    """The UTC instants at which its events begin."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(file)).between(first, last)
    return sorted(event["DTSTART"].dt.astimezone(UTC) for event in found)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    # Not in the hours that the clocks skip or show twice: of these programs differ.
    at = time(draw(st.integers(4, 23)), draw(st.sampled_from([0, 15, 30, 45])))
    first = draw(st.dates(FIRST, date(2027, 12, 31)))
    until = draw(st.none() | st.dates(first, LAST))
    return Rule(draw(st.sampled_from(Every.values)), first, at, draw(st.sampled_from(ZONES)), until)


@settings(max_examples=40)
@given(rules(), st.data())
def test_another_program_reads_exactly_our_visits(rule: Rule, data: st.DataObject) -> None:
    end = rule.first + timedelta(days=500)
    days = list(takewhile(lambda day: day < end, rule.dates()))
    left_out = set(data.draw(st.lists(st.sampled_from(days), max_size=4)))
    moving = data.draw(st.lists(st.sampled_from(days), max_size=3))
    moved = {day: rule.starts(day) + timedelta(hours=3) for day in moving if day not in left_out}
    file = written(rule, Entry("1@series", "Drain: Jo", "1 George Street", 60, STAMP, left_out, moved))
    ours = sorted(moved.get(day, rule.starts(day)) for day in days if day not in left_out)
    theirs = read(file, rule.first - timedelta(days=2), end + timedelta(days=2))
    last = rule.starts(end) + timedelta(hours=4)
    assert [one for one in theirs if one < rule.starts(end - timedelta(days=1))] == [
        one for one in ours if one < rule.starts(end - timedelta(days=1))
    ]
    assert all(one < last for one in ours)
