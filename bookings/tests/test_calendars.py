"""Several people or vans in one business: who gets a booking, and that nobody gets two at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.crew import add_calendar
from availability.models import Calendar, TimeOff
from bookings.actors import By
from bookings.details import Attempt, Details
from bookings.models import Actor, Booking
from bookings.moving import move_booking
from bookings.scheduling import request_booking
from local.testing.cast import add_hours, make_booking, soon
from peepopay.errors import SlotUnavailable, ValidationFailed

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., Booking]


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.get()


@pytest.fixture
def kim(sam: Tradie, first: Calendar) -> Calendar:
    """Who works for Sam, the same hours."""
    return add_hours(add_calendar(sam, "Kim"))


@pytest.fixture
def book(sam: Tradie, quote: Service, jo: Details, settings: Any) -> Book:
    """Jo books as often as she likes."""
    settings.RATE_LIMITS = False

    def book(starts_at: datetime, **more: Any) -> Booking:
        return request_booking(
            tradie=sam,
            service=quote,
            starts_at=starts_at,
            details=jo,
            attempt=Attempt(),
            now=timezone.now(),
            **more,
        )

    return book


def test_a_time_can_be_booked_as_often_as_there_are_people(
    sam: Tradie, first: Calendar, kim: Calendar, book: Book
) -> None:
    assert {book(soon(sam)).calendar, book(soon(sam)).calendar} == {first, kim}
    with pytest.raises(SlotUnavailable):
        book(soon(sam))


def test_who_has_least_that_day_gets_it(sam: Tradie, first: Calendar, kim: Calendar, book: Book) -> None:
    assert book(soon(sam, hour=9)).calendar == first
    assert book(soon(sam, hour=12)).calendar == kim
    assert book(soon(sam, hour=14)).calendar == first
    assert book(soon(sam, days=4, hour=9)).calendar == first  # another day counts for itself


def test_of_equals_the_first_in_the_tradies_order_gets_it(
    sam: Tradie, first: Calendar, kim: Calendar, book: Book
) -> None:
    Calendar.objects.filter(pk=first.pk).update(position=2)
    assert book(soon(sam)).calendar == kim


def test_who_was_asked_for_gets_it_or_nobody(sam: Tradie, kim: Calendar, book: Book) -> None:
    assert book(soon(sam), calendar_id=kim.pk).calendar == kim
    with pytest.raises(SlotUnavailable) as refused:
        book(soon(sam), calendar_id=kim.pk)
    assert refused.value.alternatives[1].starts == soon(sam, hour=8, minute=30)


def test_a_service_is_done_by_those_it_names(
    sam: Tradie, quote: Service, first: Calendar, kim: Calendar, book: Book
) -> None:
    kim.services.add(quote)
    assert book(soon(sam)).calendar == kim
    with pytest.raises(SlotUnavailable):
        book(soon(sam))
    with pytest.raises(ValidationFailed) as refused:
        book(soon(sam, hour=12), calendar_id=first.pk)
    assert list(refused.value.fields) == ["calendar"]


def test_somebody_who_has_stopped_gets_nothing(sam: Tradie, kim: Calendar, book: Book) -> None:
    Calendar.objects.filter(pk=kim.pk).update(is_active=False)
    book(soon(sam))
    with pytest.raises(SlotUnavailable):
        book(soon(sam))
    with pytest.raises(ValidationFailed):
        book(soon(sam, hour=12), calendar_id=kim.pk)


def test_another_businesss_calendar_is_unknown(sam: Tradie, alex: Tradie, book: Book) -> None:
    with pytest.raises(ValidationFailed) as refused:
        book(soon(sam), calendar_id=alex.calendars.get().pk)
    assert list(refused.value.fields) == ["calendar"]


def test_time_off_and_a_daily_cap_are_each_persons_own(
    sam: Tradie, first: Calendar, kim: Calendar, book: Book
) -> None:
    TimeOff.objects.create(calendar=first, starts_at=soon(sam, hour=7), ends_at=soon(sam, hour=16))
    Calendar.objects.filter(pk=kim.pk).update(max_bookings_per_day=1)
    assert book(soon(sam)).calendar == kim
    with pytest.raises(SlotUnavailable):
        book(soon(sam, hour=12))


def test_moving_keeps_the_person_if_they_are_free(
    sam: Tradie, first: Calendar, kim: Calendar, book: Book
) -> None:
    booking = book(soon(sam), calendar_id=kim.pk)
    book(soon(sam, hour=11), calendar_id=kim.pk)
    now = timezone.now()
    moved = move_booking(booking, soon(sam, hour=13), by=By(Actor.TRADIE), now=now)
    assert moved.calendar == kim
    moved = move_booking(moved, soon(sam, hour=11), by=By(Actor.TRADIE), now=now)
    assert moved.calendar == first


def test_a_hold_that_moves_keeps_the_person_if_they_are_free(
    sam: Tradie, drain: Service, first: Calendar, kim: Calendar, jo: Details
) -> None:
    def hold(starts_at: datetime, **more: Any) -> Booking:
        return request_booking(
            tradie=sam,
            service=drain,
            starts_at=starts_at,
            details=jo,
            attempt=Attempt(),
            now=timezone.now(),
            **more,
        )

    held = hold(soon(sam), calendar_id=kim.pk)
    moved = hold(soon(sam, hour=13), held=held)
    assert (moved.pk, moved.calendar) == (held.pk, kim)


def test_the_database_refuses_a_calendar_of_another_business(
    sam: Tradie, drain: Service, alex: Tradie
) -> None:
    with pytest.raises(IntegrityError, match="booking_calendar_of_its_business"), transaction.atomic():
        make_booking(drain, soon(sam), calendar=alex.calendars.get())


def test_the_database_refuses_two_bookings_of_one_calendar_and_takes_one_each(
    sam: Tradie, drain: Service, kim: Calendar
) -> None:
    make_booking(drain, soon(sam))
    make_booking(drain, soon(sam), calendar=kim)
    with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
        make_booking(drain, soon(sam), calendar=kim)
