"""What the protocol machine must have met, step by step: every fate of every kind of call to Stripe, each without end
as long as the block lasts.

After each step and at the end the machine looks at all that must hold (`promises.py`); a test adds what it is about.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.cast import soon
from payments import settlement
from payments.models import CardHold, FeeCharge, Payment, PaymentStatus, Refund, StripeEvent

from .interleaving import Fate
from .played_no_shows import FEE_BY_CARD
from .playing import LOOK
from .staging import (
    ALWAYS_ASKS,
    Stage,
    a_job_is_done,
    a_paid_booking_is_cancelled,
    a_request,
    fees,
    kept,
    nobody_there,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def an_intent_is_made(stage: Stage, fate: Fate) -> dict[str, int]:
    with stage.meeting(fate):
        stage.book()
    stage.wish("pay again")
    if not stage.machine.secrets:
        stage.book()
    stage.pay()
    return {"confirmed": 1}


def the_customer_says_it_is_paid(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    stage.pay()
    with stage.meeting(fate):
        stage.wish("is it paid?")
    return {"confirmed": 1}


def a_webhook_says_it_is_paid(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    stage.pay()
    with stage.meeting(fate):
        stage.webhook()
    return {"confirmed": 1}


def a_hold_lapses(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    with stage.meeting(fate):
        stage.wait(12, "holds")
    return {}


def a_hold_lapses_that_was_paid(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    stage.pay()
    with stage.meeting(fate):
        stage.wait(12, "holds")
    return {"confirmed": 1}


def a_forgotten_intent_is_looked_for(stage: Stage, fate: Fate) -> dict[str, int]:
    with stage.meeting(Fate.DIES_AFTER):
        stage.book()
    stage.wait(12, "holds")
    with stage.meeting(fate):
        stage.wait(3, "payments")
    return {}


def a_deposit_is_taken(stage: Stage, fate: Fate) -> dict[str, int]:
    a_request(stage)
    stage.wish("approve")
    with stage.meeting(fate):
        stage.end_hold()
    return {"confirmed": 1}


def a_card_is_let_go(stage: Stage, fate: Fate) -> dict[str, int]:
    a_request(stage)
    stage.wish("decline")
    with stage.meeting(fate):
        stage.end_hold()
    return {}


def a_refund_is_sent(stage: Stage, fate: Fate) -> dict[str, int]:
    a_paid_booking_is_cancelled(stage)
    with stage.meeting(fate):
        stage.refund()
    return {"cancelled": 1}


def a_refund_is_looked_for(stage: Stage, fate: Fate) -> dict[str, int]:
    a_paid_booking_is_cancelled(stage)
    with stage.meeting(Fate.ANSWER_LOST):
        stage.refund()
    with stage.meeting(fate):
        stage.refund()
    return {"cancelled": 1}


def a_card_may_be_charged(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    with stage.meeting(fate):
        stage.lets_the_card_be_charged()
    stage.pay()
    return {"confirmed": 1}


def a_card_is_to_be_saved(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book(job=LOOK)
    with stage.meeting(fate):
        stage.lets_the_card_be_charged()
    if not stage.machine.secrets:
        stage.lets_the_card_be_charged()
    stage.pay()
    return {}


def a_saved_card_is_heard_of(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book(job=LOOK)
    stage.lets_the_card_be_charged()
    stage.pay()
    with stage.meeting(fate):
        stage.webhook()
    return {}


def a_hold_lapses_for_want_of_a_card(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book(job=LOOK)
    stage.lets_the_card_be_charged()
    with stage.meeting(fate):
        stage.wait(12, "holds")
    return {}


def a_fee_is_charged(stage: Stage, fate: Fate) -> dict[str, int]:
    nobody_there(stage)
    stage.says("no-show, charged")
    with stage.meeting(fate):
        stage.charge()
    return {"no_show": 1}


def a_fee_is_taken_back(stage: Stage, fate: Fate) -> dict[str, int]:
    a_fee_is_charged(stage, fate)
    stage.says("was there")
    with stage.meeting(fate):
        stage.charge()
    return {"confirmed": 1}


def a_link_lapses(stage: Stage, fate: Fate) -> dict[str, int]:
    nobody_there(stage, ALWAYS_ASKS)
    stage.says("no-show, charged")
    stage.charge()
    stage.days_pass(7)
    with stage.meeting(fate):
        stage.wait(3, "fees")
    return {"no_show": 1}


def what_is_left_is_opened(stage: Stage, fate: Fate) -> dict[str, int]:
    a_job_is_done(stage)
    with stage.meeting(fate):
        stage.opens_what_is_left()
    stage.opens_what_is_left()
    stage.pay()
    return {"completed": 1}


def it_is_paid_in_cash_instead(stage: Stage, fate: Fate) -> dict[str, int]:
    a_job_is_done(stage)
    stage.opens_what_is_left()
    stage.machine.a_bill_is_paid_in_cash(which=0, cents=4_000, course=fate)
    stage.pay()
    return {"completed": 1}


@pytest.mark.parametrize(
    "while_",
    [
        an_intent_is_made,
        the_customer_says_it_is_paid,
        a_webhook_says_it_is_paid,
        a_hold_lapses,
        a_hold_lapses_that_was_paid,
        a_forgotten_intent_is_looked_for,
        a_deposit_is_taken,
        a_card_is_let_go,
        a_refund_is_sent,
        a_refund_is_looked_for,
        a_card_may_be_charged,
        a_card_is_to_be_saved,
        a_saved_card_is_heard_of,
        a_hold_lapses_for_want_of_a_card,
        a_fee_is_charged,
        a_fee_is_taken_back,
        a_link_lapses,
        what_is_left_is_opened,
        it_is_paid_in_cash_instead,
    ],
    ids=lambda story: story.__name__,
)
def test_whatever_becomes_of_a_call_it_ends_well(protocol, while_):
    for fate in Fate:
        stage = Stage(protocol())
        try:
            expected = while_(stage, fate)
            assert nothing_is_given_up()
            assert stage.ends == expected
        except BaseException as problem:
            problem.add_note(f"Every call in the block met {fate}.")
            raise
        refunded = [refund["amount"] for refund in stage.machine.world.refunds()]
        fees_taken = sum(cents for _, cents in fees(stage))
        if while_ in (a_card_is_to_be_saved, a_saved_card_is_heard_of):
            assert Booking.objects.get().status == Status.CONFIRMED, fate
        if while_ is a_fee_is_charged:
            assert fees_taken == FEE_BY_CARD, fate
        if while_ is what_is_left_is_opened:
            assert kept(stage) == {"deposit": 3_000, "balance": 6_000}, fate
        if while_ is it_is_paid_in_cash_instead:
            assert sum(kept(stage).values()) in (3_000, 5_000), fate  # closed in time, or the rest went back
        elif while_ is a_fee_is_taken_back:
            assert sum(refunded) == fees_taken, fate
        else:
            assert refunded == [3_000] * expected.get("cancelled", 0), fate


def nothing_is_given_up() -> bool:
    """No trouble of Stripe's, and none with our key, is a reason to stop trying."""
    return not any(
        model.objects.exclude(dead_at=None).exists() for model in (StripeEvent, Refund, CardHold, FeeCharge)
    )


def test_a_refund_that_meets_one_trouble_after_the_other_is_made_once(stage):
    a_paid_booking_is_cancelled(stage)
    for fate in Fate:
        with stage.meeting(fate):
            stage.refund()
    assert [refund["amount"] for refund in stage.machine.world.refunds()] == [3_000]
    assert stage.ends == {"cancelled": 1}


def test_an_answer_that_was_overtaken_undoes_nothing(api, sam, drain, stripe_app, conductor):
    held = api.book(drain, soon(sam)).json()
    payment, now = Payment.objects.get(), timezone.now()
    slow = conductor.start(lambda: settlement.sync(payment, now=now))
    conductor.answer(slow, Fate.ON_ITS_WAY)  # "not paid yet"
    stripe_app.pay(held["payment"]["client_secret"])
    settlement.sync(payment, now=now)
    conductor.finish(slow)
    payment.refresh_from_db()
    assert (payment.status, payment.booking.status) == (PaymentStatus.SUCCEEDED, Status.CONFIRMED)
