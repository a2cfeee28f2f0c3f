"""The sweep against the minute-by-minute oracle, where clocks and calendars are odd."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from availability.listing import Asked, day_listing, last_of_month, month_in_minutes, month_listing
from availability.openings import Openings, tidy
from availability.recurrence import Block
from availability.refusals import why_not
from availability.slots import Diary, Job, Rules, free_starts
from availability.tests.oracle import is_off, naive_free_starts
from availability.wall_clock import DAY, day_number, instant_of, minute_of

ZONES = [
    ZoneInfo(f"Australia/{city}")
    for city in ("Sydney", "Adelaide", "Brisbane", "Perth", "Darwin", "Lord_Howe")
]
ODD_DAYS = [
    date(2027, 4, 4),  # clocks go back
    date(2027, 10, 3),  # clocks go forward
    date(2028, 2, 29),
    date(2027, 12, 31),
    date(2027, 7, 14),
]

quarter = st.integers(0, 96).map(lambda n: n * 15)
# Most ranges start near the hours at which clocks change; odd minutes are rare but must work.
clock_minute = quarter | st.integers(0, DAY) | st.sampled_from([0, 60, 90, 120, 135, 150, 180, DAY])
open_range = (
    st.tuples(clock_minute, clock_minute).filter(lambda r: r[0] != r[1]).map(lambda r: (min(r), max(r)))
)
ranges = st.lists(open_range, max_size=3).map(tidy)


def diary_around(draw: st.DrawFn, day: date, zone: ZoneInfo, horizon_days: int) -> Diary:
    """One calendar around a day. Zone and horizon are the business's, all else its own."""
    nearby = st.integers(-DAY, 2 * DAY).map(lambda n: day_number(day) * DAY + n)
    spans = st.lists(st.tuples(nearby, st.integers(1, 400)).map(lambda s: (s[0], s[0] + s[1])), max_size=4)
    near_days = st.sampled_from([day + timedelta(days=n) for n in (-1, 0, 1)])
    return Diary(
        rules=Rules(
            zone=zone,
            step=draw(st.sampled_from([5, 10, 15, 20, 30, 60])),
            notice=draw(st.sampled_from([0, 1, 120, 1440])),
            horizon_days=horizon_days,
            daily_cap=draw(st.sampled_from([None, 1, 2])),
        ),
        openings=Openings(
            weekly=dict(enumerate(draw(st.lists(ranges, min_size=7, max_size=7)))),
            exceptions=draw(st.dictionaries(near_days, ranges, max_size=1)),
            holidays=draw(st.frozensets(near_days, max_size=1)),
        ),
        taken=tuple(draw(spans)),
        time_off=tuple(draw(spans)),
        booked=draw(st.dictionaries(near_days.map(day_number), st.integers(0, 2), max_size=2)),
    )


@st.composite
def businesses(draw: st.DrawFn, calendars: int) -> tuple[list[Diary], Job, date, datetime]:
    """The diaries of a business around an odd day, a job, that day and the time it is."""
    day, zone = draw(st.sampled_from(ODD_DAYS)), draw(st.sampled_from(ZONES))
    horizon_days = draw(st.sampled_from([1, 2, 60]))
    diaries = [diary_around(draw, day, zone, horizon_days) for _ in range(calendars)]
    job = Job(
        draw(st.sampled_from([5, 30, 45, 60, 90, 180, 720])),
        *draw(st.tuples(*[st.sampled_from([0, 15, 50])] * 2)),
    )
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        days=draw(st.sampled_from([0, 1, 2, 30])), seconds=draw(st.integers(0, 86400))
    )
    return diaries, job, day, now


@st.composite
def situations(draw: st.DrawFn) -> tuple[Diary, Job, date, date, datetime]:
    """One diary around an odd day, a job, the dates asked for and the time it is."""
    [diary], job, day, now = draw(businesses(calendars=1))
    first, last = day - timedelta(days=draw(st.integers(0, 1))), day + timedelta(days=draw(st.integers(0, 1)))
    return diary, job, first, last, now


@settings(max_examples=150, deadline=None)
@given(situations())
def test_the_sweep_offers_exactly_what_the_oracle_finds(
    situation: tuple[Diary, Job, date, date, datetime],
) -> None:
    assert [instant_of(minute) for minute in free_starts(*situation)] == naive_free_starts(*situation)


def found_by_any(diaries: list[Diary], job: Job, first: date, last: date, now: datetime) -> list[datetime]:
    """What the oracle finds in each calendar by itself: every time once, in order."""
    return sorted({start for diary in diaries for start in naive_free_starts(diary, job, first, last, now)})


def asked_of(diaries: list[Diary], job: Job) -> Asked:
    rules = diaries[0].rules
    return Asked(tuple(diaries), job, rules.zone.key, rules.horizon_days, None)


@pytest.mark.parametrize("calendars", [1, 2, 5])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_day_lists_what_the_oracle_finds_in_any_calendar(data: st.DataObject, calendars: int) -> None:
    diaries, job, day, now = data.draw(businesses(calendars=calendars))
    listed = orjson.loads(day_listing(asked_of(diaries, job), day, now).body)["slots"]
    spans = [(datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])) for slot in listed]
    length = timedelta(minutes=job.length)
    assert spans == [(start, start + length) for start in found_by_any(diaries, job, day, day, now)]


@pytest.mark.parametrize("calendars", [1, 2, 5])
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_a_month_lists_what_the_oracle_finds_in_any_calendar(data: st.DataObject, calendars: int) -> None:
    diaries, job, day, now = data.draw(businesses(calendars=calendars))
    first, zone = day.replace(day=1), diaries[0].rules.zone
    answer = orjson.loads(month_listing(asked_of(diaries, job), first, now).body)
    found = [start.astimezone(zone) for start in found_by_any(diaries, job, first, last_of_month(first), now)]
    assert [start for on in answer["days"] for start in on["starts"]] == [
        start.isoformat() for start in found
    ]
    assert all(
        on["slots"] == sum(str(start.date()) == on["date"] for start in found) for on in answer["days"]
    )
    if found:
        assert answer["first_free"] == str(found[0].date())


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_month_in_minutes_is_the_same_month(data: st.DataObject) -> None:
    """Also where the clocks change: then there are two stretches."""
    diaries, job, day, now = data.draw(businesses(calendars=2))
    forms = (
        form(asked_of(diaries, job), day.replace(day=1), now) for form in (month_listing, month_in_minutes)
    )
    in_times, in_minutes = (orjson.loads(listing.body) for listing in forms)
    offsets = [stretch["offset"] for stretch in in_minutes["stretches"]]
    assert len(set(offsets)) == len(offsets)
    assert [
        f"{day}T{minute // 60:02}:{minute % 60:02}:00{stretch['offset']}"
        for stretch in in_minutes.pop("stretches")
        for day, minutes in stretch["days"].items()
        for minute in minutes
    ] == [start for on in in_times.pop("days") for start in on["starts"]]
    assert in_minutes == in_times


@settings(max_examples=100, deadline=None)
@given(situations(), st.data())
def test_a_time_is_refused_exactly_when_it_is_not_listed(
    situation: tuple[Diary, Job, date, date, datetime], data: st.DataObject
) -> None:
    diary, job, first, last, now = situation
    listed = [instant_of(minute) for minute in free_starts(*situation)]
    for start in data.draw(st.lists(st.sampled_from(listed), max_size=3)) if listed else []:
        assert why_not(diary, job, start, now) is None
    seconds = data.draw(st.integers(0, 2 * 86400) | st.integers(0, 288).map(lambda n: n * 600))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(seconds=seconds)
    if first <= start.astimezone(diary.rules.zone).date() <= last:
        assert (why_not(diary, job, start, now) is None) == (start in listed)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Block, date]:
    """Time off that begins days to years before an odd day, and that day."""
    day = draw(st.sampled_from(ODD_DAYS))
    starts_at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        days=draw(st.sampled_from([0, 1, 6, 7, 8, 14, 21, 182, 364, 365, 366, 1461])),
        minutes=draw(st.integers(-DAY, DAY)),
    )
    length = timedelta(minutes=draw(st.integers(1, 600) | st.sampled_from([DAY, 3 * DAY, 20 * DAY])))
    repeats = draw(st.sampled_from(["never", "weekly", "fortnightly", "yearly"]))
    until = draw(st.none() | st.integers(-8, 2).map(lambda n: day + timedelta(days=n)))
    return Block(starts_at, starts_at + length, repeats, until), day


@settings(max_examples=100, deadline=None)
@given(blocks(), st.sampled_from(ZONES))
def test_time_off_repeats_on_the_clock_of_the_zone(case: tuple[Block, date], zone: ZoneInfo) -> None:
    block, day = case
    starts = minute_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) - DAY // 2
    spans = list(block.spans(zone, (starts, starts + 2 * DAY)))
    for minute in range(starts, starts + 2 * DAY):
        off = any(a <= minute < b for a, b in spans)
        assert off == is_off(block, instant_of(minute), zone), instant_of(minute)
