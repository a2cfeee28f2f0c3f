"""A deposit from its row to its end: paid, late, lapsed, lost, refunded. `invariants` are looked at after each test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, soon
from payments import deposits, expiry, invariants, reconciliation, settlement
from payments.models import Payment, PaymentStatus
from peepopay.errors import BookingNotPayable
from peepopay.local_time import in_zone

from .depositing import LATER, keys, pay, the_booking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def held(api, sam, drain, stripe_app):
    """Jo holds a time: {booking, token, payment}."""
    return api.book(drain, soon(sam)).json()


def test_the_customers_patch_confirms_when_the_webhook_is_lost(api, stripe_app, held):
    pay(stripe_app, held)
    answer = api.patch(
        f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"]
    ).json()
    assert (answer["status"], answer["paid_cents"]) == ("confirmed", 3_000)


def test_saying_paid_without_paying_changes_nothing(api, stripe_app, held):
    answer = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")


def test_the_sweep_confirms_when_webhook_and_customer_are_both_lost(stripe_app, held):
    pay(stripe_app, held)
    assert reconciliation.sync_unsettled_payments(now=timezone.now()) == 0  # too young to be stuck
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3)) == 1
    assert the_booking().status == Status.CONFIRMED


def test_a_declined_card_leaves_the_booking_payable(api, stripe_app, held):
    assert pay(stripe_app, held, card="4000000000000002")["error"]["code"] == "card_declined"
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"])
    assert again.status_code == 200
    assert again.json() == held["payment"]
    pay(stripe_app, held)
    settlement.sync(Payment.objects.get(), now=timezone.now())
    assert the_booking().status == Status.CONFIRMED


def test_a_paid_booking_is_not_payable_again(api, stripe_app, held):
    pay(stripe_app, held)
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"])
    assert (again.status_code, again.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")


def test_an_unpaid_hold_lapses_and_its_intent_is_cancelled_first(api, sam, drain, stripe_app, held):
    assert (
        expiry.expire_holds(now=timezone.now() + timedelta(minutes=10, seconds=30)) == 0
    )  # within the grace
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert the_booking().status == Status.EXPIRED
    assert [intent["status"] for intent in stripe_app.intents()] == ["canceled"]
    assert api.book(drain, soon(sam)).status_code == 201


def test_paid_at_the_last_second_is_confirmed_not_expired(stripe_app, held):
    pay(stripe_app, held)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 0
    assert the_booking().status == Status.CONFIRMED


def test_while_stripe_is_away_a_lapsed_hold_keeps_its_time(stripe_app, held):
    stripe_app.fault("POST /v1/payment_intents/.*/cancel", status=500, times=0)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 0
    assert the_booking().status == Status.EXPIRING
    stripe_app.clear_faults()
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1


def test_a_hold_without_an_intent_lapses_at_once(sam, drain):
    make_booking(drain, status=Status.PENDING)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert the_booking().status == Status.EXPIRED


def test_somebody_who_wants_an_overdue_hold_gets_it_without_waiting_for_the_sweep(
    api, sam, drain, stripe_app, held
):
    Booking.objects.update(held_until=timezone.now() - timedelta(minutes=2))
    assert api.book(drain, soon(sam)).status_code == 201
    assert sorted(Booking.objects.values_list("status", flat=True)) == ["expired", "pending"]


def test_the_secret_is_not_handed_out_once_the_hold_is_lapsing(api, stripe_app, held):
    Booking.objects.update(status=Status.EXPIRING)
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"])
    assert (again.status_code, again.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")
    expiry.expire_holds(now=timezone.now() + LATER)


def test_a_crash_after_stripe_made_the_intent_loses_nothing(api, sam, drain, stripe_app):
    stripe_app.fault("POST /v1/payment_intents", reset=True, after=True, times=2)
    assert api.book(drain, soon(sam)).status_code == 503
    payment = Payment.objects.get()
    assert (payment.status, payment.intent_id) == ("new", None)
    reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3))
    payment.refresh_from_db()
    assert payment.status == "canceled"
    assert {intent["status"] for intent in stripe_app.intents()} == {"canceled"}


def test_the_wrong_amount_at_stripe_confirms_nothing_and_asks_for_a_person(stripe_app, held):
    pay(stripe_app, held)
    Payment.objects.update(amount_cents=4_000)
    settlement.sync(Payment.objects.get(), now=timezone.now())
    assert the_booking().status == Status.PENDING
    assert "3000 aud" in Payment.objects.get().attention
    Payment.objects.update(amount_cents=3_000)
    settlement.sync(Payment.objects.get(), now=timezone.now())


def test_a_500_that_stripe_keeps_for_the_key_does_not_keep_a_hold_from_being_paid(
    api, sam, drain, stripe_app
):
    booking = make_booking(drain, status=Status.PENDING)
    stripe_app.fault("POST /v1/payment_intents", status=500)
    asked = "/api/payments/intent", {"booking": str(booking.pk)}, token_of(booking)
    assert api.post(*asked).status_code == 503
    answer = api.post(*asked)
    assert answer.status_code == 200
    (intent,) = stripe_app.intents()
    assert intent["client_secret"] == answer.json()["client_secret"]
    payment = Payment.objects.get()
    assert keys(stripe_app, "POST") == [f"pp-pi-{payment.pk}-{tries}" for tries in (0, 0, 1)]


def test_an_intent_that_was_made_without_our_learning_of_it_is_the_one_to_be_paid(
    api, sam, drain, stripe_app
):
    booking = make_booking(drain, status=Status.PENDING)
    stripe_app.fault("POST /v1/payment_intents", status=500, after=True)
    asked = "/api/payments/intent", {"booking": str(booking.pk)}, token_of(booking)
    assert [api.post(*asked).status_code for _ in range(3)] == [503, 200, 200]
    assert len(stripe_app.intents()) == 1


def test_a_payment_whose_call_may_still_be_carried_out_is_not_given_up(api, sam, drain, stripe_app):
    stripe_app.fault("POST /v1/payment_intents", reset=True, times=2)
    assert api.book(drain, soon(sam)).status_code == 503
    payment, now = Payment.objects.get(), timezone.now()
    settlement.sync(payment, now=now)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.NEW
    settlement.sync(payment, now=now + timedelta(minutes=3))
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.CANCELED


def test_an_intent_that_turns_up_for_a_payment_that_was_given_up_is_closed(api, sam, drain, stripe_app):
    stripe_app.fault("POST /v1/payment_intents", reset=True, after=True, times=2)
    assert api.book(drain, soon(sam)).status_code == 503
    Payment.objects.update(status=PaymentStatus.CANCELED)  # as if it had not been there when we looked
    settlement.sync(Payment.objects.get(), now=timezone.now())
    reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3))
    assert [intent["status"] for intent in stripe_app.intents()] == ["canceled"]
    assert Payment.objects.get().status == PaymentStatus.CANCELED


def test_a_key_that_stripe_refuses_for_a_while_gives_up_nothing(stripe_app, held):
    stripe_app.fault("/v1/payment_intents", status=401, times=0)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 0
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + LATER) == 0
    assert (the_booking().status, Payment.objects.get().attention) == (Status.EXPIRING, "")
    stripe_app.clear_faults()
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1


def test_an_outage_at_the_pay_step_extends_the_hold_once(api, stripe_app, held):
    Booking.objects.update(held_until=timezone.now() + timedelta(minutes=1))
    stripe_app.fault("GET /v1/payment_intents", status=500, times=0)
    path = "/api/payments/intent"
    answer = api.post(path, {"booking": held["booking"]["id"]}, held["token"])
    assert (answer.status_code, answer.json()["code"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    extended = the_booking().held_until
    assert extended > timezone.now() + timedelta(minutes=9)
    api.post(path, {"booking": held["booking"]["id"]}, held["token"])
    assert the_booking().held_until == extended


def test_who_needs_more_time_gets_it_once(api, stripe_app, held):
    path, body, token = "/api/payments/extension", {"booking": held["booking"]["id"]}, held["token"]
    assert held["payment"]["extendable"] is True
    Booking.objects.update(held_until=timezone.now() + timedelta(minutes=1))
    longer = api.post(path, body, token)
    assert (longer.status_code, longer.json()["extendable"]) == (200, False)
    assert longer.json()["client_secret"] == held["payment"]["client_secret"]
    extended = the_booking().held_until
    assert longer.json()["expires_at"] == in_zone(extended, "Australia/Sydney").isoformat(timespec="seconds")
    assert extended > timezone.now() + timedelta(minutes=9)
    assert api.post(path, body, token).json() == longer.json()
    assert the_booking().held_until == extended
    assert expiry.expire_holds(now=extended + timedelta(minutes=2)) == 1


def test_a_hold_that_has_lapsed_is_not_extended(api, stripe_app, held):
    lapsed = timezone.now() - timedelta(seconds=5)
    Booking.objects.update(held_until=lapsed)
    api.post("/api/payments/extension", {"booking": held["booking"]["id"]}, held["token"])
    assert the_booking().held_until == lapsed


def test_a_settled_booking_can_open_no_deposit(sam, drain, stripe_app):
    with pytest.raises(BookingNotPayable):
        deposits.open_deposit(make_booking(drain, status=Status.EXPIRED), now=timezone.now())
