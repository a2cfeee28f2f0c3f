"""Calendar, booking, payment: whoever waits for one of them holds none of the next, and goes by what it then says."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from availability.calendars import lock_calendar
from availability.models import Calendar
from bookings.models import Booking, Status
from local.testing.cast import add_hours, make_booking, soon
from payments import deposits, settlement
from payments.models import Payment, PaymentStatus
from peepopay.errors import BookingNotPayable

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_payment_that_waits_for_its_calendar_follows_the_booking_to_another(
    api, sam, drain, stripe_app, elsewhere
):
    van = add_hours(Calendar.objects.create(tradie=sam, name="Van", position=1))
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    payment = Payment.objects.select_related("booking").get()
    assert payment.booking.calendar_id != van.pk
    with transaction.atomic():
        lock_calendar(payment.booking.calendar_id)
        syncing = elsewhere(lambda: settlement.sync(payment, now=timezone.now()))
        assert Payment.objects.select_for_update(nowait=True).get() == payment
        Booking.objects.update(calendar=van)
    after = syncing.result()
    assert (after.status, after.booking.status) == (PaymentStatus.SUCCEEDED, Status.CONFIRMED)
    assert after.booking.calendar == van


def test_a_hold_that_lapses_while_its_intent_is_written_down_gives_no_secret_away(
    drain, stripe_app, elsewhere
):
    booking = make_booking(drain, status=Status.PENDING)
    payment = deposits.new_deposit(booking, now=timezone.now())
    with transaction.atomic():
        Booking.objects.select_for_update().get()
        opening = elsewhere(lambda: deposits.open_deposit(booking, now=timezone.now(), new=payment))
        assert Payment.objects.select_for_update(nowait=True).get().status == PaymentStatus.NEW
        Booking.objects.update(status=Status.EXPIRED, held_until=None)
    with pytest.raises(BookingNotPayable):
        opening.result()
    (intent,) = stripe_app.intents()
    assert (Payment.objects.get().status, Payment.objects.get().intent_id) == (
        PaymentStatus.OPEN,
        intent["id"],
    )
