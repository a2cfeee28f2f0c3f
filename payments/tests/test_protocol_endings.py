"""What the protocol machine must have met, step by step: every ending.

After each step and at the end the machine looks at all that must hold (`promises.py`); a test adds what it is about.
"""

from __future__ import annotations

import pytest

from bookings.models import Booking, Status
from payments.models import Dispute, Payment, PaymentKind, Refund

from .interleaving import Fate
from .played_no_shows import FEE_BY_CARD
from .playing import BATHROOM, DECLINED_CARD, LOOK
from .staging import (
    ALWAYS_ASKS,
    a_job_is_done,
    a_request,
    fees,
    kept,
    nobody_there,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_paid_and_told_by_a_webhook(stage):
    stage.book()
    stage.pay()
    stage.webhook()
    assert Booking.objects.get().status == Status.CONFIRMED
    assert stage.ends == {"confirmed": 1}


def test_a_time_that_two_want_goes_to_the_first(stage):
    stage.book(who=0)
    stage.book(who=1)
    assert stage.machine.seen["SLOT_UNAVAILABLE"] == 1
    stage.pay()
    assert stage.ends == {"confirmed": 1}


def test_declined_then_paid(stage):
    stage.book()
    stage.pay(DECLINED_CARD)
    stage.pay()
    stage.wish("is it paid?")
    assert stage.ends == {"confirmed": 1}


def test_never_paid(stage):
    stage.book()
    stage.wait(12, "holds")
    assert Booking.objects.get().status == Status.EXPIRED
    assert stage.ends == {}


def test_paid_in_the_last_second(stage):
    stage.book()
    stage.wait(12, "holds, and dies after its first step")
    stage.pay()
    stage.wait(0, "holds")
    assert stage.ends == {"confirmed": 1}


@pytest.mark.parametrize("wish", ["customer cancels", "tradie cancels"])
def test_cancelled_and_refunded(stage, wish):
    stage.book()
    stage.pay()
    stage.webhook()
    stage.wish(wish)
    stage.refund()
    assert [refund["amount"] for refund in stage.machine.world.refunds()] == [3_000]
    assert stage.ends == {"cancelled": 1}


def test_asked_for_and_not_answered_yet(stage):
    a_request(stage)
    assert stage.ends == {"asked": 1}


@pytest.mark.parametrize("wish", ["decline", "customer cancels", "tradie cancels"])
def test_asked_for_and_off(stage, wish):
    a_request(stage)
    stage.wish(wish)
    stage.end_hold()
    assert stage.ends == {}


@pytest.mark.parametrize("wish", ["customer cancels", "tradie cancels"])
def test_approved_and_cancelled_before_the_money_was_taken(stage, wish):
    a_request(stage)
    stage.wish("approve")
    stage.wish(wish)
    assert stage.ends == {}


def test_a_request_that_was_paid_in_the_last_second(stage):
    stage.book(job=BATHROOM)
    stage.wait(12, "holds, and dies after its first step")
    stage.pay()
    stage.wait(0, "holds")
    assert stage.ends == {"asked": 1}


def test_nobody_there_and_the_card_is_charged(stage):
    nobody_there(stage)
    stage.says("no-show, charged")
    stage.charge()
    assert stage.ends == {"no_show": 1}
    assert fees(stage) == [("succeeded", FEE_BY_CARD)]


def test_nobody_there_and_the_deposit_is_enough(stage):
    nobody_there(stage)
    stage.says("no-show")
    assert stage.ends == {"no_show": 1}
    assert fees(stage) == []


@pytest.mark.parametrize("charged", [True, False], ids=["after it was charged", "before it was charged"])
def test_somebody_was_there_after_all(stage, charged):
    nobody_there(stage)
    stage.says("no-show, charged")
    if charged:
        stage.charge()
    stage.says("was there")
    assert stage.ends == {"confirmed": 1}
    assert [refund["amount"] for refund in stage.machine.world.refunds()] == [FEE_BY_CARD] * charged
    assert fees(stage) == [("succeeded", FEE_BY_CARD)] * charged


@pytest.mark.parametrize("pays", [True, False])
def test_a_card_that_asks_for_its_holder_leads_to_a_link(stage, pays):
    nobody_there(stage, ALWAYS_ASKS)
    stage.says("no-show, charged")
    stage.charge()
    assert fees(stage) == [("requires_payment_method", 0)]
    if pays:
        stage.pay()
    assert stage.ends == {"no_show": 1}
    assert fees(stage) == [("succeeded", FEE_BY_CARD) if pays else ("canceled", 0)]


@pytest.mark.parametrize("pays", [True, False])
def test_a_fee_that_was_called_off_stays_off_if_it_is_marked_again(stage, pays):
    nobody_there(stage, ALWAYS_ASKS)
    stage.says("no-show, charged")
    stage.charge()
    stage.says("was there")
    stage.says("no-show")
    if pays:
        stage.pay()  # by the link that they were sent
    assert stage.ends == {"no_show": 1}
    assert fees(stage) == [("succeeded", FEE_BY_CARD) if pays else ("canceled", 0)]
    assert [refund["amount"] for refund in stage.machine.world.refunds()] == [FEE_BY_CARD] * pays


def test_the_rest_is_paid_by_card(stage):
    a_job_is_done(stage)
    stage.opens_what_is_left()
    stage.pay()
    assert stage.ends == {"completed": 1}
    assert kept(stage) == {"deposit": 3_000, "balance": 6_000}


def test_paid_in_cash_while_the_card_was_being_charged(stage):
    a_job_is_done(stage)
    stage.opens_what_is_left()
    stage.pay()
    stage.machine.a_bill_is_paid_in_cash(which=0, cents=4_000, course=Fate.UNREACHABLE)
    assert stage.ends == {"completed": 1}
    assert kept(stage) == {"deposit": 3_000, "balance": 2_000}


def test_a_bill_that_came_down_is_not_paid_in_full(stage):
    a_job_is_done(stage)
    stage.opens_what_is_left()
    stage.machine.some_of_a_bill_is_credited(which=0, cents=2_000)
    stage.opens_what_is_left()
    stage.pay()
    assert stage.ends == {"completed": 1}
    assert kept(stage) == {"deposit": 3_000, "balance": 4_000}


def test_a_card_is_saved_and_charged_for_nobody_there(stage):
    stage.book(job=LOOK)
    assert stage.machine.secrets == {}  # nothing to save a card by, before they agree
    stage.lets_the_card_be_charged()
    stage.pay()
    stage.webhook()
    stage.days_pass()
    assert Booking.objects.get().status == Status.CONFIRMED
    stage.says("no-show, charged")
    stage.charge()
    assert stage.ends == {}
    assert fees(stage) == [("succeeded", FEE_BY_CARD)]


@pytest.mark.parametrize("taken_back", [True, False])
def test_no_card_is_saved(stage, taken_back):
    stage.book(job=LOOK)
    stage.lets_the_card_be_charged()
    if taken_back:
        stage.lets_the_card_be_charged(False)
        stage.pay()  # by the page that was open
    stage.wait(12, "holds")
    stage.pay()
    assert Booking.objects.get().status == Status.EXPIRED
    assert stage.ends == {}


def test_a_card_that_was_saved_in_the_last_second_books_it(stage):
    stage.book(job=LOOK)
    stage.lets_the_card_be_charged()
    stage.pay()
    stage.wait(12, "holds")
    assert Booking.objects.get().status == Status.CONFIRMED
    assert stage.ends == {}


@pytest.mark.parametrize("won", [True, False])
def test_a_fee_that_was_disputed_and_then_taken_back(stage, won):
    """The bank has it while it decides, so nothing is sent back; a person is asked once it is the business's again."""
    nobody_there(stage)
    stage.says("no-show, charged")
    stage.charge()
    stage.machine.a_customer_disputes(which=0)
    stage.webhook()
    stage.says("was there")
    stage.machine.a_bank_decides(which=0, won=won)
    assert stage.ends == {"confirmed": 1}
    fee = Payment.objects.get(kind=PaymentKind.NO_SHOW_FEE)
    asked = "Dispute won; $70 had been promised back before it. Refund it now?" if won else ""
    assert (fee.attention, fee.left_cents) == (asked, FEE_BY_CARD if won else 0)


@pytest.mark.parametrize("won", [True, False])
def test_a_balance_that_was_disputed_is_not_asked_for_again(stage, won):
    a_job_is_done(stage)
    stage.opens_what_is_left()
    stage.pay()
    stage.webhook()
    stage.machine.a_customer_disputes(which=0)
    stage.webhook()
    stage.opens_what_is_left()
    stage.pay()
    stage.machine.a_bank_decides(which=0, won=won)
    assert stage.ends == {"completed": 1}
    assert kept(stage) == {"deposit": 3_000, "balance": 6_000 if won else 0}


@pytest.mark.parametrize("won", [True, False])
@pytest.mark.parametrize("heard", [True, False], ids=["heard of", "unheard of"])
def test_what_was_promised_before_a_dispute_comes_to_rest(stage, won, heard):
    """Stripe refuses the refund, be the dispute open or over: it is called off, and a person is asked if it was won."""
    stage.book()
    stage.pay()
    stage.webhook()
    stage.wish("customer cancels")
    stage.machine.a_customer_disputes(which=0)
    if heard:
        stage.webhook()
    stage.machine.a_bank_decides(which=0, won=won)
    stage.refund()
    stage.machine.come_to_rest()
    (refund,) = Refund.objects.all()
    payment = Payment.objects.get()
    assert Dispute.objects.get().status == ("won" if won else "lost")
    assert (refund.status, payment.refunded_cents, payment.reserved_cents) == ("not_needed", 0, 0)
    assert payment.attention == (
        "Dispute won; $30 had been promised back before it. Refund it now?" if won else ""
    )
