"""Requests that nobody answers in time, and holds of time and card that end while one is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from availability.models import TimeOff
from bookings.models import Booking, Status
from local.testing.cast import make_service, soon
from notifications.models import Message
from payments import approvals, deposits, expiry, invariants
from payments.models import CardHold, Payment, PaymentStatus, Refund
from payments.settlement import sync

from .approving import LATER, SAM, end_hold, ends_as, pay, state, the_booking, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def held(api, sam, stripe_app) -> Any:
    """Jo holds a time of a job that Sam approves first: {booking, token, payment}."""
    job = make_service(sam, name="Bathroom", requires_approval=True)
    return api.book(job, soon(sam)).json()


@pytest.fixture
def asked(stripe_app, held) -> Booking:
    """Jo's card holds $30, and Sam is asked."""
    pay(stripe_app, held)
    sync(Payment.objects.get(), now=timezone.now())
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)
    return the_booking()


def test_a_request_that_nobody_answers_lapses_before_the_card_lets_go(api, sam, stripe_app, held):
    far = Booking.objects.get()
    starts_at = far.starts_at + timedelta(days=14)
    Booking.objects.update(**far.terms.times(starts_at))
    pay(stripe_app, held)
    now = timezone.now()
    sync(Payment.objects.get(), now=now)
    assert the_booking().answer_by == now + timedelta(days=5)
    assert approvals.lapse_requests(now=now + timedelta(days=5) - timedelta(seconds=1)) == 0
    assert approvals.lapse_requests(now=now + timedelta(days=5)) == 1
    end_hold()
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert {("request_lapsed", "customer"), ("request_lapsed_tradie", "tradie")} <= told()


def test_a_yes_that_stripe_has_not_carried_out_yet_is_no_silence(stripe_app, asked):
    now = timezone.now()
    assert approvals.approve(asked, by=SAM, now=now)
    Booking.objects.update(answer_by=now + timedelta(hours=1))
    assert approvals.lapse_requests(now=now + timedelta(hours=2)) == 0
    assert the_booking().status == Status.REQUESTED


def test_a_yes_that_comes_while_the_sweep_is_at_it_stands(stripe_app, asked):
    now = timezone.now()
    late = now + timedelta(hours=2)
    Booking.objects.update(answer_by=now + timedelta(hours=1))
    (found,) = approvals.unanswered(late)
    assert approvals.approve(asked, by=SAM, now=late)
    assert not approvals.lapse(found, now=late)
    end_hold()
    assert state() == (Status.CONFIRMED, PaymentStatus.SUCCEEDED)


def test_it_lapses_at_the_start_of_the_job_at_the_latest(stripe_app, asked):
    assert asked.answer_by == asked.starts_at
    assert approvals.lapse_requests(now=asked.starts_at) == 1
    assert the_booking().status == Status.DECLINED


def test_a_request_without_a_deposit_lapses_too(api, sam, quote):
    quote.requires_approval = True
    quote.save()
    api.book(quote, soon(sam))
    assert approvals.lapse_requests(now=the_booking().starts_at) == 1
    assert the_booking().status == Status.DECLINED
    assert ("request_lapsed", "customer") in told()


def test_a_yes_after_the_start_takes_nothing(stripe_app, asked):
    assert not approvals.approve(asked, by=SAM, now=asked.starts_at)
    assert (the_booking().approved_at, ends_as(stripe_app)) == (None, ["requires_capture"])
    assert not CardHold.objects.exists()


def test_a_worker_that_comes_after_the_start_takes_nothing(stripe_app, asked):
    assert approvals.approve(asked, by=SAM, now=timezone.now())
    approvals.end_hold(CardHold.objects.get(), now=asked.starts_at)
    assert ends_as(stripe_app) == ["canceled"]
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)


def test_a_yes_that_could_not_be_carried_out_before_the_start_is_off(stripe_app, asked):
    approvals.approve(asked, by=SAM, now=timezone.now())
    assert approvals.lapse_requests(now=asked.starts_at - timedelta(minutes=1)) == 0
    assert approvals.lapse_requests(now=asked.starts_at) == 1
    end_hold()
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert ("card_refused_tradie", "tradie") in told()


def test_a_hold_of_time_does_not_lapse_once_the_card_holds_the_deposit(stripe_app, held):
    """Stripe would let us cancel that intent, unlike a paid one."""
    pay(stripe_app, held)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 0
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)


def test_an_unpaid_hold_of_such_a_job_lapses(stripe_app, held):
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert (the_booking().status, ends_as(stripe_app)) == (Status.EXPIRED, ["canceled"])


def test_authorised_late_and_still_free_is_asked_for_anyway(stripe_app, held):
    pay(stripe_app, held)
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    sync(Payment.objects.get(), now=timezone.now())
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)
    assert the_booking().answer_by is not None


def test_authorised_late_and_gone_is_let_go_of(stripe_app, held):
    pay(stripe_app, held)
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    booking = the_booking()
    TimeOff.objects.create(calendar=booking.calendar, starts_at=booking.starts_at, ends_at=booking.ends_at)
    sync(Payment.objects.get(), now=timezone.now())
    end_hold()
    assert state() == (Status.LOST, PaymentStatus.CANCELED)
    assert not Refund.objects.exists()
    assert Message.objects.filter(kind="booking_lost").exists()


def test_for_what_is_off_by_then_no_card_is_charged_whatever_became_of_the_row_that_says_so(
    stripe_app, asked
):
    assert approvals.approve(asked, by=SAM, now=timezone.now())
    Booking.objects.update(status=Status.CANCELLED, cancelled_at=timezone.now())
    assert end_hold().done_at
    assert ends_as(stripe_app) == ["canceled"]


def test_a_hold_that_lapsed_is_lost_only_if_its_card_had_been_authorised(stripe_app, held):
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    deposits.tell_authorised_in_vain(Payment.objects.get(), now=timezone.now())  # it can still be paid
    assert the_booking().status == Status.EXPIRED
