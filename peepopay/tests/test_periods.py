"""The days that figures are about, and those that they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peepopay.periods import Named, Period, named

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("name", "period", "before"),
    [
        (Named.FOUR_WEEKS, "31 Oct to 27 Nov 2026", "3 to 30 Oct 2026"),
        (Named.THREE_MONTHS, "28 Aug to 27 Nov 2026", "28 May to 27 Aug 2026"),
        (Named.TWELVE_MONTHS, "28 Nov 2025 to 27 Nov 2026", "28 Nov 2024 to 27 Nov 2025"),
        (Named.THIS_YEAR, "1 Jul to 27 Nov 2026", "1 Jul to 27 Nov 2025"),
        (Named.LAST_YEAR, "1 Jul 2025 to 30 Jun 2026", "1 Jul 2024 to 30 Jun 2025"),
    ],
)
def test_a_named_period_ends_today_and_is_compared_with_the_one_before(
    name: Named, period: str, before: str
) -> None:
    assert [str(one) for one in named(name, TODAY)] == [period, before]


def test_a_year_that_began_today_is_compared_with_the_same_day_of_the_last_one() -> None:
    period, before = named(Named.THIS_YEAR, date(2026, 7, 1))
    assert (str(period), str(before)) == ("1 Jul 2026", "1 Jul 2025")
    assert str(named(Named.LAST_YEAR, date(2026, 6, 30))[0]) == "1 Jul 2024 to 30 Jun 2025"


@given(st.dates(date(2019, 1, 1), date(2040, 1, 1)), st.sampled_from(Named))
def test_whatever_the_day_both_periods_have_days_and_do_not_overlap(today: date, name: Named) -> None:
    period, before = named(name, today)
    assert before.first < before.until <= period.first < period.until
    assert abs(period.days - before.days) <= 3  # months differ in length


@given(st.dates(date(2019, 1, 1), date(2040, 1, 1)), st.integers(1, 800))
def test_weeks_run_from_monday_and_make_up_the_period(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days))
    weeks = period.weeks()
    assert (weeks[0].first, weeks[-1].until) == (period.first, period.until)
    assert all(one.until == two.first and two.first.weekday() == 0 for one, two in pairwise(weeks))
    assert all(week.first <= week.last <= week.monday + timedelta(days=6) for week in weeks)


def test_it_begins_and_ends_at_midnight_on_the_clock_there() -> None:
    spring = Period.of_days(date(2026, 10, 3), date(2026, 10, 4))  # on the 4th the clocks go forward
    assert spring.bounds("Australia/Sydney") == (
        datetime(2026, 10, 2, 14, tzinfo=UTC),
        datetime(2026, 10, 4, 13, tzinfo=UTC),
    )


def test_as_many_days_just_before() -> None:
    assert Period.of_days(date(2026, 3, 1), date(2026, 3, 3)).just_before() == Period.of_days(
        date(2026, 2, 26), date(2026, 2, 28)
    )
