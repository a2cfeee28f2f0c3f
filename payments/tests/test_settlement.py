"""Payments of every kind, and what they do to their booking. Deposits have more of it in `test_deposits.py`."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.actors import CUSTOMER, By
from bookings.models import Actor, Booking, Status
from invoicing.invoice_models import DocumentKind, Invoice
from local.testing.cast import soon
from local.testing.working import work_on
from notifications.models import Message
from payments import intents, invariants, reconciliation
from payments.cancellations import cancel_booking
from payments.models import Bill, Payment, PaymentKind, PaymentStatus, Refund
from payments.outcomes import outcome_of
from payments.settlement import ON_SETTLED, sync
from payments.totals import Sums, totals_of
from peepopay.errors import BookingNotChangeable

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=40)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def booked(api, sam, drain, stripe_app) -> Booking:
    """Jo's confirmed booking, its deposit of $30 paid."""
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    sync(Payment.objects.get(), now=timezone.now())
    booking = Booking.objects.select_related("tradie").get()
    assert booking.status == Status.CONFIRMED
    return booking


def bill(booking: Booking, cents: int) -> None:
    """As if its job were done."""
    now, tradie = timezone.now(), booking.tradie
    Bill.objects.create(booking=booking, asked_cents=cents, asked_at=now)
    Invoice.objects.create(
        tradie=tradie,
        booking=booking,
        kind=DocumentKind.INVOICE,
        number=Invoice.objects.filter(tradie=tradie).count() + 1,
        client_key=uuid.uuid4(),
        issued_at=now,
        gst_registered=False,
        taxable_cents=0,
        gst_free_cents=cents,
        gst_cents=0,
        seller={},
    )


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW])
def test_what_is_over_can_not_be_cancelled(booked, status):
    over = {"no_show_at": timezone.now()} if status == Status.NO_SHOW else {}
    Booking.objects.update(status=status, **booked.terms.times(timezone.now() - timedelta(hours=3)), **over)
    with pytest.raises(BookingNotChangeable):
        cancel_booking(booked, by=By(Actor.TRADIE), now=timezone.now())
    assert not Message.objects.filter(kind__startswith="booking_cancelled").exists()


def test_what_has_begun_only_the_business_can_cancel(booked):
    with pytest.raises(BookingNotChangeable, match="already started"):
        cancel_booking(booked, by=CUSTOMER, now=booked.starts_at)
    assert not Refund.objects.exists()
    cancel_booking(booked, by=By(Actor.TRADIE), now=booked.starts_at)
    assert Refund.objects.get().amount_cents == 3_000


def ask_for(booking: Booking, kind: PaymentKind = PaymentKind.BALANCE, cents: int = 9_000):
    """(the payment, what a browser needs to pay it)"""
    now = timezone.now()
    if not Bill.objects.filter(booking=booking).exists():
        bill(booking, 12_000)
    payment = intents.new_payment(booking, kind, cents, "What is left", now=now)
    intent = intents.open_intent(payment, is_new=True, now=now)
    assert intent is not None
    return payment, intent.client_secret


def kept(booking: Booking) -> dict[str, tuple[str, int]]:
    return {
        payment.kind: (payment.status, payment.left_cents)
        for payment in Payment.objects.filter(booking=booking)
    }


def test_every_kind_of_payment_has_its_rules():
    assert set(ON_SETTLED) == set(PaymentKind)


def test_a_paid_balance_stays_paid(booked, stripe_app):
    payment, secret = ask_for(booked)
    stripe_app.pay(secret)
    sync(payment, now=timezone.now())
    assert kept(booked) == {"deposit": ("succeeded", 3_000), "balance": ("succeeded", 9_000)}
    assert list(booked.events.values_list("kind", "detail"))[-1] == ("balance_paid", "$90")
    totals = totals_of(booked)
    assert (totals.paid_cents, totals.of(PaymentKind.BALANCE)) == (12_000, Sums(paid_cents=9_000))


def test_the_sweep_leaves_a_balance_open_until_its_customer_pays(booked, stripe_app):
    payment, secret = ask_for(booked)
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3)) == 0
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + LATER) == 1
    stripe_app.pay(secret)
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + 2 * LATER) == 1
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.SUCCEEDED


def test_a_balance_of_a_job_that_is_off_is_closed(booked, stripe_app):
    payment, _ = ask_for(booked)
    cancel_booking(booked, by=CUSTOMER, now=timezone.now())
    reconciliation.sync_unsettled_payments(now=timezone.now() + LATER)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.CANCELED
    assert sorted(intent["status"] for intent in stripe_app.intents()) == ["canceled", "succeeded"]


def test_a_balance_paid_for_a_job_that_is_off_goes_back(booked, stripe_app):
    payment, secret = ask_for(booked)
    cancel_booking(booked, by=CUSTOMER, now=timezone.now())
    stripe_app.pay(secret)
    sync(payment, now=timezone.now())
    assert sorted(Refund.objects.values_list("amount_cents", flat=True)) == [3_000, 9_000]


def test_cancelling_what_was_paid_twice_gives_back_of_both_and_keeps_the_late_fee(booked, stripe_app):
    payment, secret = ask_for(booked)
    stripe_app.pay(secret)
    sync(payment, now=timezone.now())
    Booking.objects.update(policy={**booked.policy, "late_fee_cents": 1_000, "free_cancellation_hours": 200})
    booked.refresh_from_db()
    assert (
        outcome_of(booked, totals_of(booked), actor=Actor.CUSTOMER, now=timezone.now()).refund_cents == 11_000
    )
    cancel_booking(booked, by=CUSTOMER, now=timezone.now())
    for refund in Refund.objects.all():
        work_on(refund)
    assert sorted(refund["amount"] for refund in stripe_app.refunds()) == [2_000, 9_000]
    assert kept(booked) == {"deposit": ("succeeded", 1_000), "balance": ("succeeded", 0)}


def test_a_no_show_fee_stays_only_as_long_as_it_is_a_no_show(booked, stripe_app):
    Booking.objects.update(status=Status.NO_SHOW)
    booked.refresh_from_db()
    payment, secret = ask_for(booked, PaymentKind.NO_SHOW_FEE, 5_000)
    reconciliation.sync_unsettled_payments(now=timezone.now() + LATER)
    Booking.objects.update(status=Status.CONFIRMED)
    stripe_app.pay(secret)
    sync(payment, now=timezone.now())
    assert Refund.objects.get().amount_cents == 5_000


def test_a_call_that_is_made_again_is_the_same_to_the_byte(api, sam, drain, stripe_app):
    stripe_app.fault("POST /v1/payment_intents", reset=True, times=2)
    assert api.book(drain, soon(sam)).status_code == 503
    payment = Payment.objects.get()
    intents.create(payment)
    first, *others = (exchange["body"] for exchange in stripe_app.exchanges if exchange["method"] == "POST")
    assert first.startswith("amount=3000&currency=aud&")
    assert others == [first, first]
    reconciliation.sync_unsettled_payments(now=timezone.now() + LATER)
