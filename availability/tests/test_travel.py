"""A time is offered only where there is time for the drive: against the oracle, and what must hold whatever the day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from availability.refusals import Reason, why_not
from availability.slots import Diary, Job, free_starts
from availability.tests.oracle import naive_free_starts
from availability.tests.test_slots_property import businesses
from availability.travel import LONGEST_MINUTES, Travel, Visit
from availability.wall_clock import DAY, day_number, instant_of, wall_minute

# Around Sydney, the Blue Mountains, Lord Howe Island and Perth; one that there is not, and an address nobody gave.
POSTCODES = ["2000", "2042", "2088", "2204", "2780", "2898", "6000", "0001", ""]

WEEKDAYS = st.none() | st.frozensets(st.integers(0, 6), min_size=1)

Day = tuple[Diary, Job, date, date, datetime]


@st.composite
def days_on_the_road(draw: st.DrawFn) -> Day:
    """A diary with up to six jobs around an odd day, and a job in a zone with days and minutes of its own."""
    [diary], job, day, now = draw(businesses(calendars=1))
    start = st.integers(-DAY, 2 * DAY).map(lambda minute: day_number(day) * DAY + minute)
    visit = st.tuples(start, st.integers(15, 300), st.sampled_from(POSTCODES))
    visits = tuple(Visit(at, at + length, where) for at, length, where in draw(st.lists(visit, max_size=6)))
    travel = Travel(draw(st.integers(5, 130)), draw(st.sampled_from([0, 10, 45])))
    job = replace(job, length=min(job.length, 180), postcode=draw(st.sampled_from(POSTCODES)))
    job = replace(job, weekdays=draw(WEEKDAYS)).with_more(draw(st.sampled_from([0, 0, 20])))
    # Else there is little to refuse: open all day, and of what is taken only the jobs.
    return with_visits(replace(diary, travel=travel), visits), job, day, day, now


def offered_in(diary: Diary, situation: Day) -> set[int]:
    _, job, first, last, now = situation
    return set(free_starts(diary, job, first, last, now))


def _taken(visits: tuple[Visit, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((visit.starts, visit.ends) for visit in visits)


def with_visits(diary: Diary, visits: tuple[Visit, ...]) -> Diary:
    """Counted, too: a calendar may have enough of them on a day."""
    days = Counter(wall_minute(diary.rules.zone, visit.starts) // DAY for visit in visits)
    return replace(diary, visits=visits, taken=_taken(visits), booked=days)


@settings(max_examples=100, deadline=None)
@given(days_on_the_road())
def test_the_times_are_those_of_the_oracle(situation: Day) -> None:
    assert [instant_of(minute) for minute in free_starts(*situation)] == naive_free_starts(*situation)


@settings(max_examples=150, deadline=None)
@given(days_on_the_road(), st.data())
def test_one_job_less_never_takes_a_time_and_one_more_never_brings_one(
    situation: Day, data: st.DataObject
) -> None:
    """What a business offers is the sum of its calendars', and a job is in one of them: so it holds for several."""
    diary, day = situation[0], situation[2]
    offered = offered_in(diary, situation)
    for visit in diary.visits:
        left = tuple(other for other in diary.visits if other is not visit)
        assert offered <= offered_in(with_visits(diary, left), situation)
    near = data.draw(st.integers(0, DAY)) + day_number(day) * DAY
    more = Visit(near, near + 60, data.draw(st.sampled_from(POSTCODES)))
    assert offered_in(with_visits(diary, (*diary.visits, more)), situation) <= offered


@settings(max_examples=100, deadline=None)
@given(days_on_the_road(), st.integers(1, 40), st.integers(1, 30))
def test_who_drives_faster_or_spares_less_loses_no_time(situation: Day, kmh: int, slack: int) -> None:
    diary = situation[0]
    assert diary.travel
    quicker = replace(diary, travel=Travel(diary.travel.kmh + kmh, max(0, diary.travel.slack - slack)))
    off = replace(diary, travel=None)
    slow, quick, at_once = (offered_in(one, situation) for one in (diary, quicker, off))
    assert slow <= quick <= at_once


@settings(max_examples=100, deadline=None)
@given(days_on_the_road())
def test_a_refusal_names_the_drive_exactly_where_only_that_is_in_the_way(situation: Day) -> None:
    diary, job, first, last, now = situation
    offered = set(free_starts(*situation))
    anyhow = free_starts(replace(diary, travel=None), job, first, last, now)
    for start in anyhow:
        reason = why_not(diary, job, instant_of(start), now)
        assert reason == (None if start in offered else Reason.TRAVEL)


def test_a_drive_is_rounded_up_has_minutes_to_spare_and_an_end() -> None:
    travel = Travel(kmh=40, slack=10)
    assert travel.minutes("2042", "2042") == 10
    assert travel.minutes("2042", "2088") == travel.minutes("2088", "2042") == 26  # 10.4 km
    assert travel.minutes("2042", "0001") is None
    assert travel.minutes("2000", "6000") == LONGEST_MINUTES
    assert timedelta(minutes=LONGEST_MINUTES) == timedelta(hours=8)
