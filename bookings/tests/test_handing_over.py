"""A booking goes to another person or van at the same time: never on top of another, and with a line of history."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.catalogue import change_service
from availability.crew import add_calendar, stop_calendar
from availability.hours import replace_date, replace_week
from availability.models import Calendar, TimeOff
from availability.refusals import Reason
from bookings.actors import By
from bookings.handing_over import candidates, hand_over, hand_over_all
from bookings.models import Actor, Booking, EventKind, Status
from bookings.moving import move_booking
from local.testing.cast import add_hours, make_booking, owner_of, soon
from notifications.models import Message
from peepopay.errors import BookingNotChangeable, SlotUnavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def first(sam: Tradie, van: Calendar) -> Calendar:
    return sam.calendars.all()[0]


@pytest.fixture
def third(sam: Tradie, van: Calendar) -> Calendar:
    return add_hours(add_calendar(sam, "Kim"))


@pytest.fixture
def booking(drain: Service, first: Calendar, van: Calendar) -> Booking:
    """Jo's, with Sam, at nine in three days."""
    return make_booking(drain, soon(drain.tradie), calendar=first)


def give(booking: Booking, to: Calendar | None, **more: Any) -> Booking:
    by = By(Actor.TRADIE, owner_of(booking.tradie))
    return hand_over(booking, to.pk if to else None, **{"by": by, "now": timezone.now()} | more)


def whose(booking: Booking) -> Calendar:
    return Booking.objects.select_related("calendar").get(pk=booking.pk).calendar


def test_it_is_the_same_row_and_the_history_names_who_did_it(booking: Booking, van: Calendar) -> None:
    before = Booking.objects.filter(pk=booking.pk).values().get()
    given = give(booking, van)
    after = Booking.objects.filter(pk=booking.pk).values().get()
    assert {name for name in before if before[name] != after[name]} == {"calendar_id"}
    assert (given.pk, given.calendar) == (booking.pk, van)
    [event] = booking.events.filter(kind=EventKind.HANDED_OVER)
    assert (event.detail, event.user) == ("from Sam to Van 2", owner_of(booking.tradie))


def test_to_whom_it_belongs_already_nothing_happens(booking: Booking, first: Calendar) -> None:
    assert give(booking, first) == booking
    assert not booking.events.filter(kind=EventKind.HANDED_OVER).exists()


def test_of_those_who_are_free_the_least_busy_that_day_gets_it(
    booking: Booking, drain: Service, van: Calendar, third: Calendar
) -> None:
    make_booking(drain, soon(drain.tradie, hour=13), calendar=van)
    assert give(booking, None).calendar == third


@pytest.mark.parametrize("why", [Reason.TAKEN, Reason.TIME_OFF, Reason.DAY_OFF, Reason.OUTSIDE_HOURS])
def test_nobody_gets_it_who_is_not_free(why: Reason, booking: Booking, drain: Service, van: Calendar) -> None:
    start = booking.starts_at
    match why:
        case Reason.TAKEN:
            make_booking(drain, start + timedelta(minutes=59), calendar=van)
        case Reason.TIME_OFF:
            TimeOff.objects.create(calendar=van, starts_at=start, ends_at=start + timedelta(minutes=1))
        case Reason.DAY_OFF:
            replace_date(van, soon(drain.tradie).date(), [])
        case Reason.OUTSIDE_HOURS:
            replace_week(van, {day: [(10 * 60, 16 * 60)] for day in range(7)})
    assert [(candidate.calendar, candidate.reason) for candidate in candidates(booking)] == [(van, why)]
    for to in (van, None):
        with pytest.raises(SlotUnavailable):
            give(booking, to)
    assert whose(booking).name == "Sam"


def test_what_only_customers_keep_to_is_in_nobodys_way(
    booking: Booking, drain: Service, van: Calendar
) -> None:
    """A job that is on in an hour, at a start not on offer, beyond the horizon, over the day's limit."""
    Calendar.objects.filter(pk=van.pk).update(
        minimum_notice_minutes=30 * 24 * 60, slot_step_minutes=60, max_bookings_per_day=1
    )
    Tradie.objects.filter(pk=drain.tradie_id).update(horizon_days=1)
    make_booking(drain, soon(drain.tradie, hour=13), calendar=van)
    odd = make_booking(drain, soon(drain.tradie, days=9, hour=10, minute=25))
    for job in (booking, odd):
        assert give(Booking.objects.select_related("tradie").get(pk=job.pk), van).calendar == van


def test_only_who_can_do_the_service_and_takes_bookings(
    booking: Booking, drain: Service, first: Calendar, van: Calendar, third: Calendar
) -> None:
    change_service(drain.tradie, drain, [first, third])
    assert [candidate.calendar for candidate in candidates(booking)] == [third]
    stop_calendar(third)
    assert candidates(booking) == []
    for to in (van, third, None):
        with pytest.raises(SlotUnavailable):
            give(booking, to)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW, Status.EXPIRED])
def test_what_is_over_stays_with_who_had_it(status: Status, booking: Booking, van: Calendar) -> None:
    Booking.objects.filter(pk=booking.pk).update(status=status)
    with pytest.raises(BookingNotChangeable):
        give(booking, van)
    assert whose(booking).name == "Sam"


def test_what_somebody_else_has_moved_or_handed_over_meanwhile_is_left(
    booking: Booking, van: Calendar, third: Calendar
) -> None:
    stale = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
    give(booking, third)
    with pytest.raises(BookingNotChangeable):
        give(stale, van)
    assert whose(booking) == third


def test_of_two_jobs_handed_to_one_at_once_one_gets_there(
    drain: Service, first: Calendar, van: Calendar, third: Calendar
) -> None:
    """Both locked and checked, so neither a clash nor an error."""
    for round_number in range(5):
        start = soon(drain.tradie, days=3 + round_number)
        jobs = [make_booking(drain, start, calendar=calendar) for calendar in (first, van)]
        gate, refused = threading.Barrier(2), []

        def give_to_kim(job: Booking, gate: Any = gate, refused: Any = refused) -> None:
            gate.wait()
            try:
                give(job, third)
            except SlotUnavailable:
                refused.append(job)
            finally:
                connection.close()

        threads = [threading.Thread(target=give_to_kim, args=[job]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        assert sorted(whose(job).name for job in jobs).count("Kim") == 1


class TestTelling:
    """Whoever took anybody is not told which: only who asked for somebody, or where the tradie says so."""

    @pytest.mark.parametrize(
        ("asked_for", "tell", "told"),
        [(False, None, 0), (True, None, 1), (False, True, 1), (True, False, 0)],
    )
    def test_the_customer_hears_of_it_if_it_matters(
        self, asked_for: bool, tell: bool | None, told: int, booking: Booking, van: Calendar
    ) -> None:
        Booking.objects.filter(pk=booking.pk).update(calendar_asked_for=asked_for)
        booking.refresh_from_db()
        given = give(booking, van, tell=tell)
        assert Message.objects.filter(kind="booking_handed_over", channel="email").count() == told
        assert Message.objects.count() == told
        assert not given.calendar_asked_for

    def test_of_two_in_a_row_only_the_second_is_told(
        self, booking: Booking, van: Calendar, third: Calendar
    ) -> None:
        give(give(booking, van, tell=True), third, tell=True)
        waiting = Message.objects.filter(kind="booking_handed_over", done_at=None)
        assert (waiting.count(), Message.objects.count()) == (1, 2)

    def test_of_a_time_that_is_only_held_nobody_is_told(
        self, drain: Service, first: Calendar, van: Calendar
    ) -> None:
        held = make_booking(
            drain, soon(drain.tradie), calendar=first, status=Status.PENDING, calendar_asked_for=True
        )
        assert give(held, van).calendar == van
        assert not Message.objects.exists()


def test_all_of_one_go_to_whoever_is_free_in_order(
    drain: Service, first: Calendar, van: Calendar, third: Calendar, django_assert_max_num_queries: Any
) -> None:
    tradie = drain.tradie
    jobs = [make_booking(drain, soon(tradie, hour=hour), calendar=van) for hour in (8, 10, 12)]
    for calendar in (first, third):
        make_booking(drain, soon(tradie, hour=12), calendar=calendar)
    stop_calendar(van)
    done, left = hand_over_all(van, by=By(Actor.TRADIE), now=timezone.now())
    assert ([job.pk for job in done], [job.pk for job in left]) == ([jobs[0].pk, jobs[1].pk], [jobs[2].pk])
    assert [whose(job) for job in jobs] == [first, third, van]


def test_moving_says_so_where_somebody_else_comes_then(
    drain: Service, booking: Booking, first: Calendar, van: Calendar, kim: User
) -> None:
    make_booking(drain, soon(drain.tradie, hour=13), calendar=first)
    Booking.objects.filter(pk=booking.pk).update(calendar_asked_for=True)
    booking.refresh_from_db()
    moved = move_booking(booking, soon(drain.tradie, hour=13), by=By(Actor.TRADIE, kim), now=timezone.now())
    assert (moved.calendar, moved.calendar_asked_for) == (van, False)
    [event] = moved.events.filter(kind=EventKind.MOVED)
    assert event.detail.endswith(", 9:00 am, and from Sam to Van 2")
