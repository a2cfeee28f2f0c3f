"""A secret to pay by is handed out only while its time is held; of what Stripe says only what was asked counts."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.cast import make_service, soon
from payments import deposits, expiry, intents
from payments.intents import mismatch
from payments.models import Payment
from payments.stripe_answers import Intent
from peepopay.errors import BookingNotPayable

from .interleaving import Fate

pytestmark = pytest.mark.django_db(transaction=True)


def test_once_the_hold_is_over_nobody_gets_the_secret_that_was_on_its_way(
    api, sam, drain, stripe_app, conductor
):
    asking = conductor.start(lambda: api.book(drain, soon(sam)))
    conductor.answer(asking, Fate.ON_ITS_WAY)  # Stripe has made the intent, we don't know it yet
    assert expiry.expire_hold(Booking.objects.get(), now=timezone.now())
    conductor.finish(asking)
    assert (asking.result.status_code, asking.result.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")


def test_of_a_hold_that_is_over_stripe_is_not_even_asked(api, sam, drain, stripe_app):
    held = api.book(drain, soon(sam)).json()
    Payment.objects.all().delete()  # as if the call that was to open it had never come
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    asked = len(stripe_app.requests("POST /v1/payment_intents$"))
    with pytest.raises(BookingNotPayable):
        deposits.open_deposit(Booking.objects.get(pk=held["booking"]["id"]), now=timezone.now())
    assert len(stripe_app.requests("POST /v1/payment_intents$")) == asked
    assert not Payment.objects.exists()


def test_whoever_has_paid_for_one_time_is_not_asked_to_pay_for_another_instead(api, sam, drain, stripe_app):
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])  # and nobody has heard of it yet
    answer = api.book(make_service(sam, name="Leaking tap"), soon(sam, hour=13), hold=held["token"])
    assert (answer.status_code, answer.json()["code"]) == (409, "BOOKING_NOT_CHANGEABLE")
    assert Booking.objects.get().status == Status.CONFIRMED


def test_of_two_intents_that_were_made_for_one_payment_the_second_is_cancelled(api, sam, drain, stripe_app):
    """A call that was lost was carried out after all, once we had asked again under another key."""
    api.book(drain, soon(sam))
    payment = Payment.objects.select_related("booking").get()
    payment.tries += 1
    second = intents.create(payment)
    assert not intents.adopt(payment, second, timezone.now())
    ends = {intent["id"]: intent["status"] for intent in stripe_app.intents()}
    assert ends == {payment.intent_id: "requires_payment_method", second.id: "canceled"}


OURS = Payment(pk=uuid.uuid4(), intent_id="pi_1", amount_cents=3_000)
PAID = Intent("pi_1", "succeeded", 3_000, 3_000, "aud", {"payment_id": str(OURS.pk)}, "pi_1_secret")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, ""),
        ({"id": "pi_2"}, "Stripe answered with intent pi_2."),
        ({"metadata": {}}, "The intent carries another payment's id."),
        ({"amount_cents": 300, "received_cents": 300}, "Stripe has 300 aud, we asked for 3000 aud."),
        ({"currency": "usd"}, "Stripe has 3000 usd, we asked for 3000 aud."),
        ({"received_cents": 1_000}, "Stripe received 1000 of 3000 cents."),
        ({"received_cents": 0, "status": "requires_action"}, ""),
    ],
)
def test_an_intent_that_is_not_the_one_we_asked_for_confirms_nothing(other, said):
    assert mismatch(OURS, replace(PAID, **other)) == said
