"""The slot rules by example: each says one thing a tradie or a customer would notice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from availability.openings import Openings, tidy
from availability.public_holidays import holidays_between, public_holidays
from availability.refusals import Reason, why_not
from availability.slots import Diary, Job, Rules, free_starts
from availability.wall_clock import day_number, instant_of, minute_of

SYDNEY = ZoneInfo("Australia/Sydney")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
WEDNESDAY = date(2027, 7, 14)
LONG_AGO = datetime(2027, 3, 1, tzinfo=UTC)


def diary(*ranges: str, zone: ZoneInfo = SYDNEY, step: int = 60, **more: object) -> Diary:
    """Open every day at ranges such as "7:00-9:30"."""
    rules = Rules(
        zone, step, notice=int(str(more.pop("notice", 0))), horizon_days=366, daily_cap=more.pop("cap", None)
    )  # type: ignore[arg-type]
    daily = tidy([(clock(a), clock(b)) for a, b in (r.split("-") for r in ranges)])
    return Diary(rules, Openings(dict.fromkeys(range(7), daily), **more.pop("on", {})), **more)  # type: ignore[arg-type]


def clock(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def at(text: str, day: date = WEDNESDAY, zone: ZoneInfo = SYDNEY, fold: int = 0) -> datetime:
    hour, minute = text.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone, fold=fold)


def span(starts: str, ends: str) -> tuple[int, int]:
    return minute_of(at(starts)), minute_of(at(ends))


def offered(diary: Diary, job: Job, day: date = WEDNESDAY, now: datetime = LONG_AGO) -> list[str]:
    starts = (instant_of(m).astimezone(diary.rules.zone) for m in free_starts(diary, job, day, day, now))
    return [f"{start:%H:%M}" for start in starts]


def test_a_job_ends_by_closing_time() -> None:
    assert offered(diary("7:00-10:00"), Job(90)) == ["07:00", "08:00"]


def test_a_job_does_not_run_into_the_lunch_break() -> None:
    assert offered(diary("10:00-12:00", "13:00-15:00"), Job(60)) == ["10:00", "11:00", "13:00", "14:00"]


def test_ranges_that_touch_are_one() -> None:
    assert offered(diary("10:00-11:15", "11:15-12:00"), Job(120)) == ["10:00"]


def test_a_job_may_run_past_midnight_where_the_tradie_works_through_it() -> None:
    assert offered(diary("0:00-2:00", "22:00-24:00"), Job(180)) == ["22:00", "23:00"]


def test_opening_off_the_grid_is_offered_itself_and_the_grid_stays_at_the_full_hour() -> None:
    assert offered(diary("7:15-10:00"), Job(60)) == ["07:15", "08:00", "09:00"]


def test_buffers_keep_clear_of_what_is_taken_on_both_sides() -> None:
    busy = diary("8:00-14:00", step=30, taken=(span("10:00", "11:00"),))
    assert offered(busy, Job(60, before=30, after=30)) == [
        "08:00",
        "08:30",
        "11:30",
        "12:00",
        "12:30",
        "13:00",
    ]


def test_buffers_may_reach_beyond_the_opening_hours() -> None:
    assert offered(diary("8:00-9:00"), Job(60, before=45, after=45)) == ["08:00"]


def test_periods_may_touch() -> None:
    assert offered(diary("9:00-12:00", taken=(span("10:00", "11:00"),)), Job(60)) == ["09:00", "11:00"]


def test_an_exception_replaces_the_hours_of_its_day() -> None:
    assert offered(diary("7:00-16:00", on={"exceptions": {WEDNESDAY: ((600, 660),)}}), Job(60)) == ["10:00"]


def test_a_closed_date_offers_nothing() -> None:
    assert offered(diary("7:00-16:00", on={"exceptions": {WEDNESDAY: ()}}), Job(60)) == []


def test_a_public_holiday_is_closed_unless_an_exception_gives_it_hours() -> None:
    holiday = {"holidays": frozenset({WEDNESDAY})}
    assert offered(diary("7:00-9:00", on=holiday), Job(60)) == []
    assert offered(diary("7:00-9:00", on={**holiday, "exceptions": {WEDNESDAY: ((600, 660),)}}), Job(60)) == [
        "10:00"
    ]


def test_holidays_are_those_of_the_state() -> None:
    labour_day_of_victoria = date(2027, 3, 8)
    assert labour_day_of_victoria in holidays_between("VIC", 2027, 2027)
    assert labour_day_of_victoria not in holidays_between("NSW", 2027, 2027)
    assert public_holidays("SA", 2026)[date(2026, 3, 9)] == "Adelaide Cup Day"


def test_minimum_notice_counts_to_the_second() -> None:
    now = at("7:00") + timedelta(seconds=1)
    assert offered(diary("7:00-12:00", notice=120), Job(60), now=now) == ["10:00", "11:00"]
    assert offered(diary("7:00-12:00", notice=120), Job(60), now=at("7:00")) == ["09:00", "10:00", "11:00"]


def test_the_horizon_includes_its_last_local_day() -> None:
    late = at("23:30")
    rules = Rules(SYDNEY, 60, notice=0, horizon_days=2)
    open_ten_to_eleven = Diary(rules, Openings(dict.fromkeys(range(7), ((600, 660),))))
    assert offered(open_ten_to_eleven, Job(60), WEDNESDAY + timedelta(days=2), now=late) == ["10:00"]
    assert offered(open_ten_to_eleven, Job(60), WEDNESDAY + timedelta(days=3), now=late) == []


def test_a_full_day_offers_nothing_more() -> None:
    full = {day_number(WEDNESDAY): 2}
    assert offered(diary("9:00-12:00", cap=2, booked=full), Job(60)) == []
    assert offered(diary("9:00-12:00", cap=3, booked=full), Job(60)) == ["09:00", "10:00", "11:00"]


def test_dates_beyond_the_calendar_are_empty_not_an_error() -> None:
    assert offered(diary("9:00-12:00"), Job(60), date(1, 1, 1)) == []
    assert offered(diary("9:00-12:00"), Job(60), date(9999, 12, 31)) == []


def test_when_clocks_go_forward_the_missing_hour_is_not_offered() -> None:
    sunday = date(2027, 10, 3)
    assert offered(diary("1:00-5:00"), Job(60), sunday) == ["01:00", "03:00", "04:00"]
    # The clock jumps from 2:00 to 3:00, so this job of two real hours ends at 4:00.
    assert offered(diary("1:00-4:00"), Job(120), sunday) == ["01:00"]


def test_when_clocks_go_back_the_hour_that_happens_twice_is_offered_twice() -> None:
    sunday = date(2027, 4, 4)
    starts = free_starts(diary("1:00-4:00"), Job(60), sunday, sunday, LONG_AGO)
    assert [instant_of(m).astimezone(SYDNEY).isoformat() for m in starts] == [
        "2027-04-04T01:00:00+11:00",
        "2027-04-04T02:00:00+11:00",
        "2027-04-04T02:00:00+10:00",
        "2027-04-04T03:00:00+10:00",
    ]


def test_lord_howe_moves_by_half_an_hour() -> None:
    forward, back = date(2027, 10, 3), date(2027, 4, 4)
    half_hours = diary("1:00-3:30", zone=LORD_HOWE, step=30)
    assert offered(half_hours, Job(30), forward) == ["01:00", "01:30", "02:30", "03:00"]
    assert offered(half_hours, Job(30), back) == ["01:00", "01:30", "01:30", "02:00", "02:30", "03:00"]


@pytest.mark.parametrize(
    ("start", "now", "reason"),
    [
        (at("10:00"), at("9:00"), None),
        (at("10:00"), at("10:01"), Reason.PAST),
        (at("10:00"), at("9:01"), Reason.NOTICE),
        (at("10:00", date(2029, 1, 10)), at("9:00"), Reason.HORIZON),
        (at("9:00", date(2027, 7, 15)), at("9:00"), Reason.DAY_OFF),
        (at("3:00"), at("0:30"), Reason.OUTSIDE_HOURS),
        (at("15:30"), at("0:30"), Reason.OUTSIDE_HOURS),
        (at("10:05"), at("0:30"), Reason.OFF_GRID),
        (at("10:00") + timedelta(seconds=30), at("0:30"), Reason.OFF_GRID),
        (at("14:00"), at("0:30"), Reason.TIME_OFF),
        (at("12:00"), at("0:30"), Reason.TAKEN),
    ],
)
def test_the_reason_why_a_time_is_not_offered(start: datetime, now: datetime, reason: Reason | None) -> None:
    busy = diary(
        "7:00-16:00",
        notice=60,
        on={"exceptions": {date(2027, 7, 15): ()}},
        taken=(span("12:00", "13:00"),),
        time_off=(span("14:00", "15:00"),),
    )
    assert why_not(busy, Job(60), start, now) == reason


def test_a_full_day_is_told_apart_from_a_taken_time() -> None:
    full = diary("7:00-16:00", cap=1, booked={day_number(WEDNESDAY): 1})
    assert why_not(full, Job(60), at("9:00"), LONG_AGO) == Reason.DAY_FULL
