"""Jobs that come round: on which dates, made twelve weeks ahead, never across what is there already."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.audit import changes_of
from accounts.models import Service, Tradie
from availability.models import DateException, TimeOff
from bookings import erasure, series
from bookings.actors import By
from bookings.models import Actor, Booking, BookingEvent, EventKind, Series, Status, Visit
from bookings.series_dates import AHEAD, looked_at
from bookings.series_models import State
from bookings.series_moves import move_from
from bookings.series_rule import Every, Rule, months_without, words_of
from local.testing.cast import make_booking, soon
from local.testing.crowd import all_at_once
from notifications.models import Message
from payments.invariants import confirmed_but_nobody_told
from payments.series import end_series
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import clock, in_zone
from peepopay.local_time import day_of as said

SYDNEY = "Australia/Sydney"
WEEK = timedelta(weeks=1)


@pytest.fixture
def first(drain: Service) -> Booking:
    return make_booking(drain, soon(drain.tradie, days=3, hour=9), taken_by_business=True)


def weekly(booking: Booking, until: date | None = None, now: datetime | None = None) -> Series:
    return series.start_series(booking, Every.WEEK, until, now=now or timezone.now())


def states(of: Series) -> dict[date, str]:
    return dict(of.visits.order_by("on").values_list("on", "state"))


def day_of(booking: Booking) -> date:
    return in_zone(booking.starts_at, SYDNEY).date()


@pytest.mark.parametrize(
    ("every", "first_on", "said", "dates"),
    [
        (Every.WEEK, date(2027, 1, 5), "every week on Tuesday", ["2027-01-05", "2027-01-12", "2027-01-19"]),
        (
            Every.FORTNIGHT,
            date(2027, 1, 5),
            "every two weeks on Tuesday",
            ["2027-01-05", "2027-01-19", "2027-02-02"],
        ),
        (
            Every.MONTH,
            date(2027, 1, 12),
            "every second Tuesday of the month",
            ["2027-01-12", "2027-02-09", "2027-03-09"],
        ),
        (
            Every.MONTH,
            date(2027, 1, 29),
            "every fifth Friday of the month",
            ["2027-01-29", "2027-04-30", "2027-07-30"],
        ),
    ],
)
def test_a_rule_says_its_dates(every: str, first_on: date, said: str, dates: list[str]) -> None:
    rule = Rule(every, first_on, time(8), SYDNEY)
    assert words_of(every, first_on) == said
    assert [rule.nth(number).isoformat() for number in (1, 2, 3)] == dates


def test_a_month_without_a_fifth_such_weekday_is_named() -> None:
    rule = Rule(Every.MONTH, date(2027, 1, 29), time(8), SYDNEY)
    assert months_without(rule, date(2027, 5, 31)) == [date(2027, 2, 1), date(2027, 3, 1)]
    assert months_without(Rule(Every.WEEK, date(2027, 1, 29), time(8), SYDNEY), date(2027, 5, 31)) == []


def test_the_clock_on_the_wall_stays_the_same_when_the_clocks_change() -> None:
    rule = Rule(Every.WEEK, date(2027, 3, 29), time(8), SYDNEY)
    starts = [rule.starts(day) for day in (rule.nth(1), rule.nth(2))]
    assert [clock(one, SYDNEY) for one in starts] == ["8:00 am", "8:00 am"]
    assert starts[1] - starts[0] == WEEK + timedelta(hours=1)


@pytest.mark.django_db
def test_twelve_weeks_are_booked_on_the_same_terms_and_their_customer_is_told_once(first: Booking) -> None:
    made = weekly(first)
    assert len(states(made)) == 12 or len(states(made)) == 13
    assert set(states(made).values()) == {State.BOOKED}
    for visit in made.visits.exclude(booking=first).select_related("booking"):
        booking = visit.booking
        assert booking is not None
        assert (booking.status, booking.deposit_cents, booking.price_cents) == (
            Status.CONFIRMED,
            0,
            first.price_cents,
        )
        assert (booking.customer_name, booking.calendar_id) == (first.customer_name, first.calendar_id)
        assert (day_of(booking), clock(booking.starts_at, SYDNEY)) == (visit.on, "9:00 am")
        assert booking.customer_id is not None
    assert {(message.kind, message.about) for message in Message.objects.all()} == {("series_told", first.pk)}
    assert confirmed_but_nobody_told(timezone.now()) == []
    made.refresh_from_db()
    assert made.made_until == in_zone(timezone.now(), SYDNEY).date() + AHEAD


@pytest.mark.django_db
def test_a_date_with_no_time_for_the_drive_is_named_and_booked_all_the_same(
    first: Booking, drain: Service
) -> None:
    far, near = (first.starts_at + number * WEEK + timedelta(hours=1, minutes=30) for number in (1, 2))
    make_booking(drain, far, address_postcode="2780", customer_phone="+61412000111")
    make_booking(drain, near, address_postcode=first.address_postcode, customer_phone="+61412000111")
    days = [day_of(first) + number * WEEK for number in (1, 2, 3)]
    plan = series.planned(first, Every.WEEK, None)
    assert [one.is_far for one in looked_at(plan, days, timezone.now())] == [False, False, False]
    Tradie.objects.update(travel_kmh=40)
    first = Booking.objects.get(pk=first.pk)
    plan = series.planned(first, Every.WEEK, None)
    assert [one.is_far for one in looked_at(plan, days, timezone.now())] == [True, False, False]
    made = weekly(first)
    assert {states(made)[day] for day in days} == {State.BOOKED}
    noted = BookingEvent.objects.filter(kind=EventKind.OVERRIDDEN)
    assert [event.booking.visit.on for event in noted] == days[:1]


@pytest.mark.django_db
def test_pressed_twice_it_is_one_series_and_made_out_again_makes_nothing(first: Booking) -> None:
    made = weekly(first)
    assert weekly(first) == made
    count = Booking.objects.count()
    Series.objects.update(made_until=day_of(first))
    assert series.make_out_all(now=timezone.now()) == 1
    assert series.make_out_all(now=timezone.now()) == 0
    assert Booking.objects.count() == count


@pytest.mark.django_db
def test_as_time_goes_on_the_next_are_made(first: Booking) -> None:
    made = weekly(first)
    before = len(states(made))
    assert series.make_out_all(now=timezone.now() + 3 * WEEK) == 1
    assert len(states(made)) == before + 3


@pytest.mark.django_db
def test_up_to_its_last_day_and_no_further(first: Booking) -> None:
    made = weekly(first, until=day_of(first) + 2 * WEEK)
    assert len(states(made)) == 3
    assert series.make_out_all(now=timezone.now() + 3 * WEEK) == 0


@pytest.mark.django_db
def test_never_across_another_booking_time_off_or_a_closed_day(first: Booking, drain: Service) -> None:
    starts, calendar = first.starts_at, first.calendar
    days = [day_of(first) + number * WEEK for number in range(5)]
    at = [Rule(Every.WEEK, days[0], time(9), SYDNEY).starts(day) for day in days]
    make_booking(drain, at[1] + timedelta(minutes=30), customer_name="Alex Other")
    TimeOff.objects.create(
        calendar=calendar, starts_at=at[2] - WEEK / 100, ends_at=at[2] + timedelta(minutes=1)
    )
    DateException.objects.create(calendar=calendar, date=days[3])
    seen = series.planned(first, Every.WEEK, days[4])
    found = series.looked_at(seen, days[1:], timezone.now())
    assert [(one.state, one.with_whom) for one in found] == [
        (State.TAKEN, "Alex Other"),
        (State.TIME_OFF, ""),
        (State.DAY_OFF, ""),
        (State.BOOKED, ""),
    ]
    made = weekly(first, until=days[4])
    assert list(states(made).values()) == [
        State.BOOKED,
        State.TAKEN,
        State.TIME_OFF,
        State.DAY_OFF,
        State.BOOKED,
    ]
    assert [visit.on for visit in series.to_decide(first.tradie, timezone.now())] == days[1:4]
    assert starts == first.starts_at


@pytest.mark.django_db
def test_what_is_further_ahead_than_customers_may_book_is_seen_too(first: Booking, drain: Service) -> None:
    Tradie.objects.update(horizon_days=14)
    first = Booking.objects.select_related("tradie").get(pk=first.pk)
    late = Rule(Every.WEEK, day_of(first), time(9), SYDNEY).starts(day_of(first) + 9 * WEEK)
    make_booking(drain, late)
    made = weekly(first)
    assert states(made)[day_of(first) + 9 * WEEK] == State.TAKEN


@pytest.mark.django_db
def test_a_date_that_clashed_is_booked_once_there_is_room_or_skipped(first: Booking, drain: Service) -> None:
    day = day_of(first) + WEEK
    other = make_booking(drain, Rule(Every.WEEK, day, time(9), SYDNEY).starts(day))
    made, now = weekly(first), timezone.now()
    assert not series.try_again(made, day, now=now)
    assert states(made)[day] == State.TAKEN
    assert series.skip(made, day)
    assert not series.skip(made, day)
    assert states(made)[day] == State.SKIPPED
    Booking.objects.filter(pk=other.pk).update(status=Status.CANCELLED)
    assert series.try_again(made, day, now=now)
    assert states(made)[day] == State.BOOKED
    assert not series.skip(made, day)
    no_date = day + timedelta(days=1)
    assert not series.skip(made, no_date)
    assert not series.try_again(made, no_date, now=now)
    assert not made.visits.filter(on=no_date).exists()


@pytest.mark.django_db
def test_each_change_of_a_series_is_noted_once(first: Booking, drain: Service) -> None:
    days = [day_of(first) + number * WEEK for number in range(5)]
    other = make_booking(drain, Rule(Every.WEEK, days[1], time(9), SYDNEY).starts(days[1]))
    now, by, tradie = timezone.now(), By(Actor.TRADIE), first.tradie
    for _ in range(2):
        made = weekly(first, until=days[4])
    assert not series.try_again(made, days[1], now=now)
    for _ in range(2):
        series.skip(made, days[1])
    Booking.objects.filter(pk=other.pk).update(status=Status.CANCELLED)
    for _ in range(2):
        series.try_again(made, days[1], now=now)
    later, _ = move_from(made, days[2], days[2], time(10), by=by, now=now)
    for _ in range(2):
        end_series(later, days[3], by=by, now=now)
    weekday = f"{days[0]:%A}"
    noted = [entry for entry in reversed(changes_of(tradie)) if entry.kind.startswith(("series", "visit"))]
    assert [(entry.kind, entry.detail) for entry in noted] == [
        ("series_started", f"every week on {weekday} at 9:00 am, until {said(days[4])}"),
        ("visit_skipped", said(days[1])),
        ("visit_booked", said(days[1])),
        (
            "series_moved",
            f"from {said(days[2])} on: every week on {weekday} at 9:00 am, until {said(days[4])},"
            f" to every week on {weekday} at 10:00 am, until {said(days[4])}",
        ),
        (
            "series_ended",
            f"every week on {weekday} at 10:00 am, until {said(days[4])}; none from {said(days[3])}",
        ),
    ]
    assert {entry.about for entry in noted} <= set(Booking.objects.values_list("reference", flat=True))


@pytest.mark.django_db
def test_the_database_keeps_a_date_to_one_visit_and_a_booking_to_its_state(first: Booking) -> None:
    made = weekly(first)
    for wrong in (
        {"on": day_of(first), "state": State.SKIPPED},
        {"on": date(2031, 1, 1), "state": State.BOOKED},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Visit.objects.create(series=made, **wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.CANCELLED, Status.REQUESTED, Status.EXPIRED])
def test_only_what_is_booked_or_done_can_repeat(first: Booking, status: str) -> None:
    Booking.objects.filter(pk=first.pk).update(status=status)
    with pytest.raises(BookingNotChangeable):
        weekly(first)
    assert Series.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_does_not_stop_the_others(first: Booking, drain: Service) -> None:
    made = weekly(first)
    broken = weekly(make_booking(drain, soon(drain.tradie, days=4, hour=11)))
    Booking.objects.filter(pk=broken.like_id).update(policy={"nonsense": 1})
    Booking.objects.filter(visit__series=broken).update(policy={"nonsense": 1})
    before = len(states(made))
    assert series.make_out_all(now=timezone.now() + 3 * WEEK) == 1
    assert len(states(made)) == before + 3


@pytest.mark.django_db
def test_erasing_the_one_it_is_made_from_ends_it(first: Booking) -> None:
    made = weekly(first)
    made.refresh_from_db()
    erasure.erase(Booking.objects.filter(pk=made.like_id), now=timezone.now())
    made.refresh_from_db()
    assert made.until == made.made_until
    assert series.make_out_all(now=timezone.now() + 5 * WEEK) == 0


@pytest.mark.django_db
def test_a_year_beside_many_bookings_is_looked_at_by_two_queries(
    first: Booking, drain: Service, django_assert_num_queries: Any
) -> None:
    make_booking(drain, first.starts_at + 2 * WEEK)
    plan, now = series.planned(first, Every.WEEK, day_of(first) + 51 * WEEK), timezone.now()
    for weeks in (3, 51):
        days = series.dates_between(plan, day_of(first) + WEEK, day_of(first) + weeks * WEEK)
        with django_assert_num_queries(2):
            assert len(series.looked_at(plan, days, now)) == weeks


@pytest.mark.django_db(transaction=True)
def test_made_out_by_several_at_once_each_date_is_made_once(first: Booking) -> None:
    made, now = weekly(first), timezone.now()
    Visit.objects.exclude(booking=first).delete()
    Booking.objects.exclude(pk=first.pk).update(status=Status.CANCELLED)
    Series.objects.update(made_until=day_of(first), like=first)
    fresh = Series.objects.select_related("tradie").get(pk=made.pk)

    def make_out() -> None:
        try:
            series.make_out(fresh, now=now)
        finally:
            connection.close()

    all_at_once([make_out] * 4)
    dates = list(Booking.objects.filter(status=Status.CONFIRMED).values_list("starts_at", flat=True))
    assert len(dates) == len(set(dates)) == len(states(made))
