"""A deposit that is paid after its hold has lapsed: booked anyway, or all of it goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Tradie
from availability.models import Calendar, DateException, TimeOff
from bookings.models import Booking, BookingEvent, Status
from local.testing.cast import make_booking, soon
from local.testing.working import work_on
from notifications.models import Message
from payments import invariants, settlement
from payments.models import Payment, Refund
from peepopay.local_time import in_zone

from .depositing import pay, the_booking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def held(api, sam, drain, stripe_app):
    """Jo holds a time: {booking, token, payment}."""
    return api.book(drain, soon(sam)).json()


def test_paid_late_and_still_free_is_booked_anyway(stripe_app, held):
    pay(stripe_app, held)
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    settlement.sync(Payment.objects.get(), now=timezone.now())
    assert the_booking().status == Status.CONFIRMED
    assert not Refund.objects.exists()


def take_a_day_off(booking: Booking) -> None:
    begins = booking.starts_at - timedelta(hours=5)
    TimeOff.objects.create(calendar=booking.calendar, starts_at=begins, ends_at=begins + timedelta(hours=12))


def close_for_the_day(booking: Booking) -> None:
    day = in_zone(booking.starts_at, booking.tradie.timezone).date()
    DateException.objects.create(calendar=booking.calendar, date=day)


def stop_working(booking: Booking) -> None:
    Calendar.objects.update(is_active=False)


def close_the_business(booking: Booking) -> None:
    Tradie.objects.update(is_open=False)


@pytest.mark.parametrize("change", [take_a_day_off, close_for_the_day, stop_working, close_the_business])
def test_paid_late_for_a_time_that_nobody_could_book_any_more_is_refunded(stripe_app, held, change):
    pay(stripe_app, held)
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    change(the_booking())
    settlement.sync(Payment.objects.get(), now=timezone.now())
    assert (the_booking().status, Refund.objects.get().amount_cents) == (Status.LOST, 3_000)


def test_paid_late_is_booked_anyway_though_it_is_short_notice_and_no_start_on_offer_by_now(
    api, sam, drain, stripe_app
):
    held = api.book(drain, soon(sam, minute=30)).json()
    pay(stripe_app, held)
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    Calendar.objects.update(slot_step_minutes=60)
    notice = int((the_booking().starts_at - the_booking().created_at) / timedelta(minutes=1))
    Calendar.objects.update(minimum_notice_minutes=notice)
    settlement.sync(Payment.objects.get(), now=timezone.now() + timedelta(hours=1))
    assert the_booking().status == Status.CONFIRMED


def test_paid_late_and_gone_is_refunded_in_full_with_the_fee(api, sam, drain, quote, stripe_app, held):
    pay(stripe_app, held)
    first = the_booking()
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    rival = make_booking(quote, first.starts_at)
    BookingEvent.objects.create(booking=rival, kind="confirmed", actor="system", at=timezone.now())
    Message.objects.create(tradie=sam, about=rival.pk, kind="booking_confirmed", audience="customer", channel="email",
                           recipient="x@example.com", dedupe_key="rival")  # fmt: skip
    settlement.sync(Payment.objects.get(), now=timezone.now())
    first.refresh_from_db()
    assert first.status == Status.LOST
    refund = Refund.objects.get()
    assert (refund.amount_cents, refund.status) == (3_000, "requested")
    work_on(refund)
    refund.refresh_from_db()
    assert (refund.status, bool(refund.done_at)) == ("succeeded", True)
    payment = Payment.objects.get()
    assert (payment.refunded_cents, payment.reserved_cents) == (3_000, 0)
    (sent,) = stripe_app.refunds()
    assert (sent["amount"], sent["metadata"]["refund_id"]) == (3_000, str(refund.pk))
