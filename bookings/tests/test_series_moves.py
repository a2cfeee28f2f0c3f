"""A visit and all later ones move: the same bookings at other times, never across what is there already."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings import series
from bookings.actors import By
from bookings.models import Actor, Booking, Series, Status
from bookings.moving import move_booking
from bookings.series_models import State
from bookings.series_moves import move_from, moved, steps
from bookings.series_rule import Every
from local.testing.cast import make_booking, soon
from notifications.models import Message
from peepopay.errors import ValidationFailed
from peepopay.local_time import clock, in_zone

SYDNEY = "Australia/Sydney"
WEEK, A_DAY = timedelta(weeks=1), timedelta(days=1)
SAM = By(Actor.TRADIE)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def first(drain: Service) -> Booking:
    return make_booking(drain, soon(drain.tradie, days=3, hour=9))


@pytest.fixture
def five(first: Booking) -> Series:
    """At nine, five weeks in a row."""
    made = series.start_series(first, Every.WEEK, on(first) + 4 * WEEK, now=timezone.now())
    Message.objects.all().delete()
    return made


def on(booking: Booking) -> date:
    return in_zone(booking.starts_at, SYDNEY).date()


def times(of: Series) -> list[datetime]:
    rows = Booking.objects.filter(visit__series=of, status=Status.CONFIRMED)
    return [in_zone(one.starts_at, SYDNEY) for one in rows.order_by("starts_at")]


def test_this_and_later_go_to_another_day_and_time_and_the_earlier_stay(five: Series, first: Booking) -> None:
    before = set(Booking.objects.values_list("pk", flat=True))
    day = on(first) + 2 * WEEK
    new, left = move_from(five, day, day + A_DAY, time(13), by=SAM, now=timezone.now())
    five.refresh_from_db()
    assert (left, five.until, new.until) == (0, day - A_DAY, on(first) + 4 * WEEK + A_DAY)
    assert [(at.date(), at.hour) for at in times(five)] == [(on(first), 9), (on(first) + WEEK, 9)]
    assert [(at.date(), at.hour) for at in times(new)] == [
        (day + A_DAY + number * WEEK, 13) for number in range(3)
    ]
    assert set(Booking.objects.values_list("pk", flat=True)) == before
    assert {message.kind for message in Message.objects.all()} == {"series_told"}
    assert series.make_out_all(now=timezone.now() + 3 * WEEK) == 0


@pytest.mark.parametrize("weeks", [1, -1])
def test_by_a_whole_week_none_meets_the_one_beside_it(five: Series, first: Booking, weeks: int) -> None:
    from_day = on(first) + WEEK
    if weeks < 0:
        series.stop(five, from_day + 9 * WEEK, now=timezone.now())
        Booking.objects.filter(pk=first.pk).update(status=Status.CANCELLED)
    new, left = move_from(five, from_day, from_day + weeks * WEEK, time(9), by=SAM, now=timezone.now())
    assert left == 0
    assert [at.date() for at in times(new)] == [from_day + (weeks + number) * WEEK for number in range(4)]


def test_all_of_them_leave_no_empty_series_behind(five: Series, first: Booking) -> None:
    new, _ = move_from(five, on(first), on(first), time(14), by=SAM, now=timezone.now())
    assert list(Series.objects.all()) == [new]
    assert [at.hour for at in times(new)] == [14] * 5


def test_one_whose_new_time_is_taken_stays_and_so_does_what_was_moved_by_itself(
    five: Series, first: Booking, drain: Service
) -> None:
    now, day = timezone.now(), on(first)
    alone = Booking.objects.get(visit__on=day + 3 * WEEK)
    alone.tradie = first.tradie
    move_booking(alone, alone.starts_at + timedelta(hours=5), by=SAM, now=now)
    other = make_booking(drain, five.rule.starts(day + WEEK) + timedelta(hours=2), customer_name="Alex Other")
    seen = steps(five, moved(five, day, day, time(11), now=now), day, now=now)
    assert [(bool(step.booking), step.to.with_whom) for step in seen] == [
        (True, ""),
        (False, "Alex Other"),
        (True, ""),
        (False, ""),
        (True, ""),
    ]
    new, left = move_from(five, day, day, time(11), by=SAM, now=now)
    assert left == 2
    assert [at.hour for at in times(new)] == [11, 9, 11, 14, 11]
    other.refresh_from_db()
    assert clock(other.starts_at, SYDNEY) == "11:00 am"


def test_a_date_that_clashed_is_booked_at_its_new_time(first: Booking, drain: Service) -> None:
    day = on(first) + WEEK
    make_booking(drain, series.planned(first, Every.WEEK, None).rule.starts(day))
    made = series.start_series(first, Every.WEEK, day + WEEK, now=timezone.now())
    assert made.visits.get(on=day).state == State.TAKEN
    new, left = move_from(made, on(first), on(first), time(13), by=SAM, now=timezone.now())
    assert left == 0
    assert [visit.state for visit in new.visits.all()] == [State.BOOKED] * 3


def test_only_one_of_its_dates_and_not_to_the_past(five: Series, first: Booking) -> None:
    for from_day, new_day in ((on(first) + A_DAY, on(first)), (on(first), on(first) - 9 * A_DAY)):
        with pytest.raises(ValidationFailed):
            move_from(five, from_day, new_day, time(9), by=SAM, now=timezone.now())
    assert list(Series.objects.all()) == [five]
