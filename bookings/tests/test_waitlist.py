"""A time that is free again is held for one of those who wait after the other."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Tradie
from availability.calendars import lock_calendars, mark_changed
from availability.models import DateException, TimeOff
from availability.time_off import remove_time_off, save_time_off
from bookings import waitlist
from bookings.actors import SYSTEM
from bookings.customer_models import Customer, CustomerContact
from bookings.details import Attempt
from bookings.lifecycle import release_booking
from bookings.models import HOLDS_TIME, Booking, Status, Waiter
from bookings.scheduling import request_booking
from bookings.waitlist import forget_old
from bookings.waitlist_offers import offer_free_times, offer_freed_times, thinks_until
from local.testing.cast import JO, at, make_booking, soon
from local.testing.crowd import all_at_once
from local.testing.sent import Sent, deliver_all
from local.testing.waiting import cancel, day_of, offers, ten, waits
from notifications.models import Message
from peepopay.errors import CallInstead, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, zone
from peepopay.models import RateCount

SYDNEY = "Australia/Sydney"


@pytest.mark.parametrize("wanted", ["that day", "any"])
def test_a_time_that_is_cancelled_is_held_for_who_waits_longest(
    fully_booked: Booking, wanted: str, sent: Sent
) -> None:
    sam = fully_booked.tradie
    day = day_of(sam) if wanted == "that day" else None
    first, second = (waits(fully_booked.service, number, day=day) for number in (1, 2))
    assert offer_freed_times(now=ten(sam)) == 0
    cancel(fully_booked)
    assert offer_freed_times(now=ten(sam)) == 1
    (held,) = offers()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.offer, second.offer, first.offered) == (held, None, [fully_booked.starts_at])
    assert (held.status, held.held_until, held.starts_at) == (
        Status.PENDING,
        ten(sam) + timedelta(hours=2),
        fully_booked.starts_at,
    )
    assert (held.customer_name, held.address_line1) == ("Waiter 1", "")
    Message.objects.filter(kind=waitlist.KIND).delete()
    deliver_all(now=ten(sam))
    (mail,), (text,) = sent.mails, sent.sms
    assert mail["To"] == "waiter1@example.com"
    assert "/waiting/" in text["body"]
    assert offer_freed_times(now=ten(sam)) == 0
    assert len(offers()) == 1


def by_time_off(booking: Booking) -> None:
    remove_time_off(TimeOff.objects.get())


def by_hours(booking: Booking) -> None:
    calendar = booking.calendar
    DateException.objects.filter(calendar=calendar).update(closes_minute=10 * 60)
    with transaction.atomic():
        mark_changed(booking.tradie_id)


@pytest.mark.parametrize("free", [by_time_off, by_hours])
def test_whatever_frees_a_time_does(fully_booked: Booking, free: object) -> None:
    sam, calendar = fully_booked.tradie, fully_booked.calendar
    if free is by_time_off:
        cancel(fully_booked)
        starts = fully_booked.starts_at - timedelta(hours=1)
        save_time_off(
            calendar, TimeOff(calendar=calendar, starts_at=starts, ends_at=starts + timedelta(hours=3))
        )
    waits(fully_booked.service, day=day_of(sam))
    assert offer_freed_times(now=ten(sam)) == 0
    free(fully_booked)  # type: ignore[operator]
    assert offer_freed_times(now=ten(sam)) == 1


def test_who_says_nothing_waits_on_and_the_next_one_is_asked_until_all_were(fully_booked: Booking) -> None:
    sam, now = fully_booked.tradie, ten(fully_booked.tradie)
    people = [waits(fully_booked.service, number, day=day_of(sam)) for number in range(3)]
    cancel(fully_booked)
    asked = []
    for _ in range(4):
        offer_freed_times(now=now)
        held = offers()
        asked += [Waiter.objects.get(offer=one).name for one in held]
        now += timedelta(minutes=1)
        for one in held:
            with transaction.atomic():
                lock_calendars(sam.pk)
                release_booking(one, Status.EXPIRED, by=SYSTEM, now=now)
    assert asked == [person.name for person in people]  # each once, however long it stays free
    assert Waiter.objects.count() == 3


def test_somebody_else_books_meanwhile_and_nobody_is_told_anything(fully_booked: Booking) -> None:
    sam = fully_booked.tradie
    waits(fully_booked.service, day=day_of(sam))
    Message.objects.all().delete()
    cancel(fully_booked)
    request_booking(
        tradie=sam,
        service=fully_booked.service,
        starts_at=fully_booked.starts_at,
        details=JO,
        attempt=Attempt(),
        now=timezone.now(),
    )
    assert offer_freed_times(now=ten(sam)) == 0
    assert not Message.objects.filter(kind="waitlist_offer").exists()


def test_at_night_nobody_is_asked(fully_booked: Booking) -> None:
    sam = fully_booked.tradie
    waits(fully_booked.service, day=day_of(sam))
    cancel(fully_booked)
    for hour in (21, 23):
        assert offer_freed_times(now=soon(sam, days=1, hour=hour)) == 0
    assert offer_freed_times(now=soon(sam, days=2, hour=6)) == 0
    assert offer_freed_times(now=soon(sam, days=2, hour=7)) == 1


NINE = at("2027-01-14 09:00 +11:00")


@pytest.mark.parametrize(
    ("before", "thinks"),
    [
        (timedelta(days=3), timedelta(hours=2)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(minutes=70), timedelta(minutes=20)),
        (timedelta(minutes=19), None),
    ],
)
def test_the_nearer_the_job_the_less_time_there_is_to_think(before: timedelta, thinks: timedelta) -> None:
    now = datetime.combine(in_zone(NINE, SYDNEY).date(), time(12), zone(SYDNEY))
    until = thinks_until(now + before, timedelta(), SYDNEY, now)
    assert until == (now + thinks if thinks else None)


def test_the_night_does_not_count_and_the_notice_is_kept() -> None:
    evening = datetime.combine(NINE.date(), time(20), zone(SYDNEY))
    until = thinks_until(evening + timedelta(days=2), timedelta(), SYDNEY, evening)
    assert until == evening + timedelta(hours=12)  # an hour that evening, one from seven
    assert thinks_until(evening + timedelta(hours=12), timedelta(hours=12), SYDNEY, evening) is None


def test_who_waits_for_any_day_is_offered_what_is_sooner_than_what_was_free(fully_booked: Booking) -> None:
    sam, calendar = fully_booked.tradie, fully_booked.calendar
    DateException.objects.create(
        calendar=calendar, date=day_of(sam, days=9), opens_minute=540, closes_minute=600
    )
    waiter = waits(fully_booked.service)
    assert waiter.sooner_than == day_of(sam, days=9)
    assert offer_freed_times(now=ten(sam)) == 0
    cancel(fully_booked)
    assert offer_freed_times(now=ten(sam)) == 1


def test_nobody_has_to_wait_where_a_time_is_free(fully_booked: Booking) -> None:
    cancel(fully_booked)
    with pytest.raises(ValidationFailed) as refused:
        waits(fully_booked.service, day=day_of(fully_booked.tradie))
    assert refused.value.fields == {"day": ["There is a free time that day: choose it on the calendar."]}
    with pytest.raises(ValidationFailed):
        waits(fully_booked.service, day=day_of(fully_booked.tradie, days=100))


def test_one_number_waits_once_and_not_everywhere(
    fully_booked: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = waits(fully_booked.service), waits(fully_booked.service)
    assert first == again
    assert Waiter.objects.count() == 1
    monkeypatch.setattr(waitlist, "MOST_OF_A_BUSINESS", 2)
    waits(fully_booked.service, 1)
    with pytest.raises(CallInstead):
        waits(fully_booked.service, 2)
    assert not RateCount.objects.filter(key__contains="4120000").exists()  # hashed


def test_who_booked_another_way_waits_no_longer(fully_booked: Booking) -> None:
    waiter = waits(fully_booked.service, day=day_of(fully_booked.tradie))
    make_booking(fully_booked.service, soon(fully_booked.tradie, days=6), customer_phone=waiter.phone)
    cancel(fully_booked)
    assert offer_freed_times(now=ten(fully_booked.tradie)) == 0
    assert not Waiter.objects.exists()


def test_whom_the_business_wants_to_talk_to_first_is_offered_nothing(fully_booked: Booking) -> None:
    waiter = waits(fully_booked.service, day=day_of(fully_booked.tradie))
    of = {"tradie": fully_booked.tradie, "created_at": timezone.now()}
    customer = Customer.objects.create(name="Jo", seen_at=timezone.now(), blocked_at=timezone.now(), **of)
    CustomerContact.objects.create(tradie=fully_booked.tradie, customer=customer, value=waiter.email.lower())
    cancel(fully_booked)
    assert offer_freed_times(now=ten(fully_booked.tradie)) == 0
    assert not Waiter.objects.exists()


def test_a_list_that_is_off_asks_nobody(fully_booked: Booking) -> None:
    waits(fully_booked.service, day=day_of(fully_booked.tradie))
    cancel(fully_booked)
    Tradie.objects.update(has_waitlist=False)
    assert offer_freed_times(now=ten(fully_booked.tradie)) == 0
    assert Waiter.objects.count() == 1


def test_a_round_with_nothing_new_is_one_query(
    fully_booked: Booking, django_assert_num_queries: object
) -> None:
    waits(fully_booked.service, day=day_of(fully_booked.tradie))
    offer_freed_times(now=ten(fully_booked.tradie))
    with django_assert_num_queries(1):  # type: ignore[operator]
        offer_freed_times(now=ten(fully_booked.tradie))


def test_after_ninety_days_nobody_waits(fully_booked: Booking) -> None:
    now = timezone.now()
    waits(fully_booked.service)
    assert forget_old(now=now + waitlist.KEPT - timedelta(minutes=1)) == 0
    assert forget_old(now=now + waitlist.KEPT + timedelta(minutes=1)) == 1
    assert not Message.objects.filter(recipient="waiter0@example.com").exists()


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_wait_one_is_held_the_time_however_many_sweep_and_book_at_once(
    fully_booked: Booking, settings: object
) -> None:
    sam, now = fully_booked.tradie, ten(fully_booked.tradie)
    settings.RATE_LIMITS = False  # type: ignore[attr-defined]
    for number in range(50):
        waits(fully_booked.service, number, day=day_of(sam))
    cancel(fully_booked)

    def sweep() -> str:
        try:
            return f"offered {offer_free_times(sam, now=now)}"
        finally:
            connection.close()

    def book(number: int) -> str:
        try:
            request_booking(
                tradie=sam,
                service=fully_booked.service,
                starts_at=fully_booked.starts_at,
                details=JO,
                attempt=Attempt(),
                now=now,
            )
            return "booked"
        except SlotUnavailable:
            return "taken"
        finally:
            connection.close()

    said = Counter(all_at_once([*[sweep] * 5, *(partial(book, number) for number in range(10))]))
    assert said["offered 1"] + said["booked"] == 1
    (live,) = Booking.objects.filter(status__in=HOLDS_TIME)
    assert len(offers()) == said["offered 1"]
    assert Message.objects.filter(kind="waitlist_offer", about=live.pk).exists() is bool(said["offered 1"])
