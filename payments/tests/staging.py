"""The rules of the protocol machine in the words of a story, for tests that play them step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bookings.models import Booking, Status
from payments.models import Payment, PaymentStatus

from .interleaving import Fate
from .playing import BATHROOM, CARD_WITH_3DS_LEFT_OPEN, DRAIN, GOOD_CARD
from .protocol import Protocol

ALWAYS_ASKS = CARD_WITH_3DS_LEFT_OPEN


class Stage:
    """The machine's rules in the words of a story."""

    def __init__(self, machine: Protocol) -> None:
        self.machine, self.fate = machine, Fate.ANSWERED
        machine.set_the_stage()

    def book(self, who: int = 0, *, job: str = DRAIN) -> None:
        self.machine.a_customer_books(who=who, when=0, choosing_again=False, job=job, course=self.fate)
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

    def lets_the_card_be_charged(self, agrees: bool = True) -> None:
        self.machine.a_customer_says_whether_the_card_may_be_charged(which=0, agrees=agrees, course=self.fate)
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


def a_request(stage: Stage) -> None:
    stage.book(job=BATHROOM)
    stage.pay()
    stage.webhook()
    assert Booking.objects.get().status == Status.REQUESTED


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


def a_job_is_done(stage: Stage) -> None:
    """Paid $30 before it; it came to $90."""
    stage.book()
    stage.pay()
    stage.webhook()
    stage.days_pass()
    stage.machine.the_job_is_billed(which=0, cents=9_000)
    stage.machine.promises_are_kept()
    assert Booking.objects.get().status == Status.COMPLETED


def kept(stage: Stage) -> dict[str, int]:
    """Cents by kind of payment, without what went back."""
    found: Counter[str] = Counter()
    for payment in Payment.objects.filter(status=PaymentStatus.SUCCEEDED):
        found[payment.kind] += payment.left_cents
    return dict(found)


def a_paid_booking_is_cancelled(stage: Stage) -> None:
    stage.book()
    stage.pay()
    stage.webhook()
    stage.wish("tradie cancels")
