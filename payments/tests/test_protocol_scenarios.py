"""What the protocol machine must have met, step by step: every ending, and every fate of every kind of call to Stripe.

After each step and at the end the machine looks at all that must hold (`promises.py`); a test adds what it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.cast import soon
from payments import settlement
from payments.models import CardHold, FeeCharge, Payment, PaymentStatus, Refund, StripeEvent

from .interleaving import Fate
from .played_no_shows import FEE_BY_CARD
from .protocol import CARD_WITH_3DS_LEFT_OPEN, DECLINED_CARD, GOOD_CARD, Protocol

ALWAYS_ASKS = CARD_WITH_3DS_LEFT_OPEN
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Stage:
    """The machine's rules in the words of a story."""

    def __init__(self, machine: Protocol) -> None:
        self.machine, self.fate = machine, Fate.ANSWERED
        machine.set_the_stage()

    def book(self, who: int = 0, *, asks: bool = False) -> None:
        self.machine.a_customer_books(who=who, when=0, choosing_again=False, asks=asks, course=self.fate)
        self.machine.promises_are_kept()

    def pay(self, card: str = GOOD_CARD) -> None:
        self.machine.a_customer_pays(which=0, card=card, passed=True)

    def wish(self, wish: str) -> None:
        self.machine.a_booking_is_to_change(which=0, wish=wish, when=0, course=self.fate)
        self.machine.promises_are_kept()

    def webhook(self) -> None:
        self.machine.a_webhook_arrives(which=0, course=self.fate)
        self.machine.promises_are_kept()

    def wait(self, minutes: int, sweep: str) -> None:
        self.machine.time_passes(minutes=minutes, sweep=sweep, course=self.fate)
        self.machine.promises_are_kept()

    def refund(self) -> None:
        self.machine.a_worker_takes_a_refund(which=0, course=self.fate)
        self.machine.promises_are_kept()

    def lets_the_card_be_charged(self) -> None:
        self.machine.a_customer_lets_the_card_be_charged(which=0, course=self.fate)
        self.machine.promises_are_kept()

    def days_pass(self, days: int = 3) -> None:
        for _ in range(days):
            self.wait(25 * 60, "none")

    def says(self, says: str) -> None:
        self.machine.the_time_has_come(which=0, says=says)
        self.machine.promises_are_kept()

    def opens_what_is_left(self) -> None:
        self.machine.a_customer_opens_what_is_left(which=0, course=self.fate)
        self.machine.promises_are_kept()

    def charge(self) -> None:
        self.machine.a_worker_charges_a_fee(which=0, course=self.fate)
        self.machine.promises_are_kept()

    def end_hold(self) -> None:
        self.machine.a_worker_ends_what_a_card_holds(which=0, course=self.fate)
        self.machine.promises_are_kept()

    @contextmanager
    def meeting(self, fate: Fate) -> Iterator[None]:
        """Every call to Stripe meets it."""
        self.fate = fate
        yield
        self.fate = Fate.ANSWERED

    @property
    def ends(self) -> dict[str, int]:
        """How the bookings end for which money was taken, once everything has come to rest."""
        self.machine.teardown()
        seen = self.machine.seen
        return {name.removeprefix("ends "): seen[name] for name in seen if name.startswith("ends ")}


@pytest.fixture
def stage(protocol: type[Protocol]) -> Stage:
    return Stage(protocol())


# ---- the endings


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


def a_request(stage: Stage) -> None:
    stage.book(asks=True)
    stage.pay()
    stage.webhook()
    assert Booking.objects.get().status == Status.REQUESTED


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
    stage.book(asks=True)
    stage.wait(12, "holds, and dies after its first step")
    stage.pay()
    stage.wait(0, "holds")
    assert stage.ends == {"asked": 1}


def nobody_there(stage: Stage, card: str = GOOD_CARD) -> None:
    """Paid with a card that may be charged $70 more; the time has come."""
    stage.book()
    stage.lets_the_card_be_charged()
    stage.pay(card)
    if card == ALWAYS_ASKS:
        (secret,) = stage.machine.secrets.values()
        stage.machine.world.authenticate(secret, True)
    stage.webhook()
    stage.days_pass()
    assert Booking.objects.get().status == Status.CONFIRMED


def fees(stage: Stage) -> list[tuple[str, int]]:
    """(status, cents received) at Stripe, of what was asked for besides deposits."""
    made = [
        intent for intent in stage.machine.world.intents() if intent["description"].startswith("No-show fee")
    ]
    return [(intent["status"], intent["amount_received"]) for intent in made]


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


def a_job_is_done(stage: Stage) -> None:
    """Paid $30 before it; it came to $90."""
    stage.book()
    stage.pay()
    stage.webhook()
    stage.days_pass()
    stage.machine.the_job_is_billed(which=0, cents=9_000)
    stage.machine.promises_are_kept()
    assert Booking.objects.get().status == Status.COMPLETED


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


def kept(stage: Stage) -> dict[str, int]:
    """Cents by kind of payment, without what went back."""
    found: Counter[str] = Counter()
    for payment in Payment.objects.filter(status=PaymentStatus.SUCCEEDED):
        found[payment.kind] += payment.left_cents
    return dict(found)


# ---- every fate of every kind of call, each without end as long as the block lasts


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


def a_paid_booking_is_cancelled(stage: Stage) -> None:
    stage.book()
    stage.pay()
    stage.webhook()
    stage.wish("tradie cancels")


def a_card_may_be_charged(stage: Stage, fate: Fate) -> dict[str, int]:
    stage.book()
    with stage.meeting(fate):
        stage.lets_the_card_be_charged()
    stage.pay()
    return {"confirmed": 1}


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
    assert (refund.status, payment.refunded_cents, payment.reserved_cents) == ("not_needed", 0, 0)
    assert payment.attention == (
        "Dispute won; $30 had been promised back before it. Refund it now?" if won else ""
    )
