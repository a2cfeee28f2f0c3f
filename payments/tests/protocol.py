"""The protocol of docs/payments.md under a machine that plays everything at once: two customers, a few overlapping
times, cards, webhooks in any order, sweeps, and crashes at every call to Stripe.

Procedures run side by side and interleave at their calls. After every step, and once more after everything has come
to rest, nothing may be double-booked, charged twice, refunded twice, confirmed without money, or left payable after
its time was given back; and every charge must end as a booking or a refund.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from accounts.models import Service, User
from bookings.actors import By
from bookings.details import Attempt
from bookings.models import HELD, Actor, Booking, Posting, Status
from bookings.moving import move_booking
from ledger.posting import keep_books
from local.testing.cast import JO, make_service, make_tradie
from local.testing.left_rows import audit_may_go
from local.testing.sent import deliver
from local.testing.working import work_on
from notifications.models import Message
from payments import (
    approvals,
    cancellations,
    checkout,
    disputes,
    expiry,
    fee_charges,
    inbox,
    reconciliation,
    refund_sweep,
    refunds,
    refunds_by_hand,
)
from payments.checkout import Order
from payments.intents import CARRIED_OUT_WITHIN
from payments.models import (
    CardHold,
    ConnectedAccount,
    FeeCharge,
    Payment,
    PaymentKind,
    Refund,
    StripeEvent,
)
from payments.stripe_gateway import StripeRefused, read_event
from payments.totals import totals_of
from peepopay import given_up, outbox
from peepopay.errors import AppError
from peepopay.local_time import zone
from web.tests.test_webhook import signed

from .interleaving import Conductor, Died, Fate, Procedure
from .played_bills import Bills
from .played_no_shows import DEPOSIT, FEE_BY_CARD, NoShows
from .playing import COURSES, LATEST_FIRST, PICK, STANDS, TROUBLE, Course, picked
from .promises import Promises

Work = Callable[[Any, datetime], Any]
GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"
CARD_WITH_3DS_ANSWERED, CARD_WITH_3DS_LEFT_OPEN = "4000002500003155", "4000002760003184"
MOST_AT_ONCE = 3
CARDS = st.sampled_from([GOOD_CARD] * 4 + [DECLINED_CARD, CARD_WITH_3DS_ANSWERED, CARD_WITH_3DS_LEFT_OPEN])
BEGINNINGS = st.sampled_from(
    ["nothing", "nothing", "paid", "confirmed", "cancelled", "asked", "missed", "done"]
)
WISHES = st.sampled_from(
    [
        "pay again",
        "is it paid?",
        "customer cancels",
        "tradie cancels",
        "move",
        "approve",
        "approve",
        "decline",
        "give something back",
    ]
)
SWEEPS = st.sampled_from(
    ["holds", "holds", "payments", "holds, and dies after its first step", "requests", "fees", "none"]
)
FATES = st.sampled_from([Fate.ANSWERED] * len(TROUBLE) + TROUBLE)
TENANTS = (
    "accounts_user, accounts_tradie, notifications_message, notifications_recipient, payments_stripeevent,"
    " peepopay_ratecount"
)


def send_refund(refund: Refund, now: datetime) -> None:
    refunds.send_refund(refund, now=now)


def post(posting: Posting, now: datetime) -> outbox.Changes:
    keep_books(posting.booking_id)
    return {}


class Protocol(NoShows, Bills, Promises, RuleBasedStateMachine):
    """Time is the machine's own and starts ten days ago, so that it may pass faster than the demo Stripe's."""

    conductor: Conductor

    # ---- the stage

    @initialize(so_far=BEGINNINGS)
    def set_the_stage(self, so_far: str = "nothing") -> None:
        with audit_may_go(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TENANTS} CASCADE")
        self.world.reset()
        self.now = (timezone.now() - timedelta(days=10)).replace(hour=0, minute=0, second=0, microsecond=0)
        owner = User.objects.create_user("sam@example.com", None)
        self.tradie = make_tradie(
            owner=owner, slug="sam-plumber", account_id=self.world.account, abn="51824753556"
        )
        self.service: Service = make_service(
            self.tradie, late_fee_cents=1_000, no_show_fee_cents=DEPOSIT + FEE_BY_CARD
        )
        self.asked_first = make_service(self.tradie, name="Bathroom", requires_approval=True)
        self.seen: Counter[str] = Counter()
        self.began: dict[int, datetime] = {}  # of procedures, by the object's id
        self.made: list[uuid.UUID] = []
        self.secrets: dict[uuid.UUID, str] = {}  # of bookings: what a browser was given
        self.links: dict[uuid.UUID, str] = {}  # of fees by their payments: what the page behind a link has
        self.lowered: set[uuid.UUID] = set()
        self.promised: dict[uuid.UUID, int] = {}  # of cancelled bookings: what must come back, in cents
        self.given: Counter[uuid.UUID] = Counter()  # what the business gave back by hand, by booking
        self.changed = True
        self.go_as_far_as(so_far)

    def go_as_far_as(self, so_far: str) -> None:
        """So that plays get to what comes late in the life of a booking."""
        if so_far == "nothing":
            return
        asks = so_far == "asked"
        self.a_customer_books(who=0, when=0, choosing_again=False, asks=asks, course=Fate.ANSWERED)
        if so_far == "missed":
            self.a_customer_lets_the_card_be_charged(which=0, course=Fate.ANSWERED)
        self.a_customer_pays(which=0, card=GOOD_CARD, passed=True)
        if so_far == "paid":
            return
        self.a_webhook_arrives(which=0, course=Fate.ANSWERED)
        if so_far == "cancelled":
            self.a_booking_is_to_change(which=0, wish="tradie cancels", when=0, course=Fate.ANSWERED)
        if so_far in ("missed", "done"):
            for _ in range(3):
                self.time_passes(minutes=25 * 60, sweep="none", course=Fate.ANSWERED)
        if so_far == "done":
            self.the_job_is_billed(which=0, cents=9_000)

    def teardown(self) -> None:
        if hasattr(self, "now"):
            self.conductor.finish_all()
            self.come_to_rest()
            self.check_the_end(self.now)

    def run(self, work: Callable[[], Any], course: Course) -> None:
        procedure = self.conductor.start(work)
        self.began[id(procedure)] = self.now
        while course and not procedure.is_over:
            late = procedure.is_carried_out  # its answer has been on its way for long enough
            self.conductor.answer(procedure, Fate.ANSWERED if late else course)
        self.look_at(procedure)

    def look_at(self, procedure: Procedure) -> None:
        """An expected refusal is fine; so is the death that we caused. A bug is not."""
        self.changed = True
        if procedure.is_over and not isinstance(procedure.problem, AppError | StripeRefused | Died | None):
            raise procedure.problem

    def has_room(self) -> bool:
        return len(self.conductor.standing) < MOST_AT_ONCE

    def time(self, which: int) -> datetime:
        """9:00 or 9:30 for an hour, in two or three days: two pairs that overlap."""
        day = (self.now + timedelta(days=2 + which // 2 % 2)).date()
        return datetime.combine(day, time(9, 30 * (which % 2)), zone("Australia/Sydney"))

    def bookings(self, *statuses: Status) -> list[Booking]:
        """In the order in which they were made, which their ids don't tell."""
        found = Booking.objects.select_related("tradie").in_bulk(self.made)
        return [found[pk] for pk in self.made if not statuses or found[pk].status in statuses]

    # ---- what customers do

    @precondition(has_room)
    @rule(who=st.integers(0, 1), when=PICK, choosing_again=st.booleans(), asks=st.booleans(), course=COURSES)
    def a_customer_books(
        self, who: int, when: int, choosing_again: bool, course: Course, asks: bool = False
    ) -> None:
        """`asks`: for a job that the tradie approves first."""
        service = self.asked_first if asks else self.service
        details = replace(JO, email=f"customer{who}@example.com")
        mine = [
            booking
            for booking in self.bookings(*HELD)
            if booking.customer_email == details.email and booking.service_id == service.pk
        ]
        try:
            order = Order(
                service=service,
                starts_at=self.time(when),
                details=details,
                attempt=Attempt(uuid.uuid4(), "hash", f"address{who}"),
                held=mine[-1] if mine and choosing_again else None,
            )
            booking, payment = checkout.take_time(order, now=self.now)
        except AppError as refusal:
            self.seen[refusal.code] += 1
        else:
            self.made += [booking.pk] if booking.pk not in self.made else []
            self.open_deposit(booking, course, payment)

    def open_deposit(self, booking: Booking, course: Course, payment: Payment | None = None) -> None:
        now = self.now

        def hand_out() -> None:
            if offer := checkout.offer_payment(booking, payment, now=now):
                self.secrets[booking.pk] = offer.client_secret  # from here on a browser has it

        self.run(hand_out, course)

    @precondition(lambda self: self.secrets)
    @rule(which=LATEST_FIRST, card=CARDS, passed=st.booleans())
    def a_customer_pays(self, which: int, card: str, passed: bool) -> None:
        """At any time, be the hold long over: the page may be open in a forgotten tab."""
        secret = picked([*self.secrets.values(), *self.links.values()], which)
        answer = self.world.pay(secret, card=card)
        if answer.get("status") == "requires_action" and card == CARD_WITH_3DS_ANSWERED:
            answer = self.world.authenticate(secret, passed)
        self.seen[f"pay {answer.get('status', 'refused')}"] += 1
        self.changed = True

    @precondition(lambda self: self.has_room() and self.secrets)
    @rule(which=LATEST_FIRST, wish=WISHES, when=PICK, course=COURSES)
    def a_booking_is_to_change(self, which: int, wish: str, when: int, course: Course) -> None:
        booking, now = picked(self.bookings(), which), self.now
        match wish:
            case "pay again" if booking.status in HELD:
                self.open_deposit(booking, course)
            case "is it paid?":
                self.run(lambda: checkout.ask_stripe(booking, now=now), course)
            case "customer cancels":
                self.run(lambda: self.cancel(booking, Actor.CUSTOMER, now), course)
            case "tradie cancels":
                self.run(lambda: self.cancel(booking, Actor.TRADIE, now), course)
            case "approve":
                approvals.approve(booking, by=By(Actor.TRADIE), now=now)
            case "decline":
                approvals.decline(booking, by=By(Actor.TRADIE), now=now)
            case "give something back":
                self.give_back(booking, [500, 1_000, 3_000][when % 3], now)
            case "move" if booking.status == Status.CONFIRMED:
                self.run(lambda: move_booking(booking, self.time(when), by=By(Actor.TRADIE), now=now), course)

    def may_be_refused(self, work: Callable[[], object]) -> bool:
        """Whether it was done."""
        self.changed = True
        try:
            return work() is not False
        except AppError as refusal:
            self.seen[refusal.code] += 1
            return False

    def give_back(self, booking: Booking, cents: int, now: datetime) -> None:
        by = By(Actor.TRADIE)
        if self.may_be_refused(
            lambda: refunds_by_hand.refund_by_hand(booking, cents, note="", key=uuid.uuid4(), by=by, now=now)
        ):
            self.given[booking.pk] += cents

    def cancel(self, booking: Booking, actor: Actor, now: datetime) -> None:
        was = Booking.objects.get(pk=booking.pk).status
        totals = totals_of(booking).of(
            PaymentKind.DEPOSIT
        )  # what its tradie gave back, here or in Stripe, counts
        before = totals.refunded_cents + totals.reserved_cents
        after = cancellations.cancel_booking(booking, by=By(actor), now=now)
        if was == Status.CONFIRMED and after.status == Status.CANCELLED:
            self.promised[booking.pk] = max(self.refund_by_the_policy(after, actor, now) - before, 0)

    @staticmethod
    def refund_by_the_policy(booking: Booking, actor: Actor, now: datetime) -> int:
        """Said once more in the test's own words: free for a day, then $10 is kept, nothing in the last two hours."""
        left = booking.starts_at - now
        if actor == Actor.TRADIE or left > timedelta(hours=24):
            return booking.deposit_cents
        return booking.deposit_cents - 1_000 if left > timedelta(hours=2) else 0

    # ---- what time, Stripe and the workers do

    @precondition(has_room)
    @rule(minutes=st.sampled_from([0, 1, 3, 12, 12, 12, 31, 25 * 60]), sweep=SWEEPS, course=COURSES)
    def time_passes(self, minutes: int, sweep: str, course: Course) -> None:
        self.now = now = min(self.now + timedelta(minutes=minutes), timezone.now() - timedelta(days=1))
        match sweep:
            case "holds":
                self.run(lambda: expiry.expire_holds(now=now), course)
            case "holds, and dies after its first step":
                for booking in expiry.overdue_holds(now)[:1]:
                    expiry.start_expiring(booking)
            case "requests":
                approvals.lapse_requests(now=now)
            case "fees":
                self.run(lambda: fee_charges.lapse_fees(now=now), course)
            case "payments":
                self.run(lambda: reconciliation.sync_unsettled_payments(now=now), course)

    @precondition(lambda self: self.has_room() and self.secrets)
    @rule(which=LATEST_FIRST, course=COURSES)
    def a_webhook_arrives(self, which: int, course: Course) -> None:
        """Any event that Stripe ever made, in any order and any number of times; the others are lost or late."""
        body = json.dumps(picked(self.world.events(), which)).encode()
        inbox.store(read_event(body, signed(body, self.world.webhook_secret)))
        rows = list(outbox.open_rows(StripeEvent).order_by("received_at"))
        self.work_on(rows, which, lambda event, now: inbox.act_on(event, now=now), course)

    @precondition(lambda self: self.has_room() and (self.promised or self.given))
    @rule(which=LATEST_FIRST, course=COURSES)
    def a_worker_takes_a_refund(self, which: int, course: Course) -> None:
        rows = sorted(
            outbox.open_rows(Refund).select_related("payment"),
            key=lambda refund: (self.made.index(refund.payment.booking_id), refund.amount_cents),
        )
        self.work_on(rows, which, send_refund, course)

    @precondition(lambda self: self.secrets)
    @rule(which=LATEST_FIRST, cents=st.sampled_from([500, 1_000, 3_000]))
    def the_tradie_refunds_in_stripe(self, which: int, cents: int) -> None:
        """In their own dashboard, as far as Stripe lets them: of what was paid, and no more than is left."""
        secret = picked([*self.secrets.values(), *self.links.values()], which)
        made = self.world.refund_in_dashboard(secret.partition("_secret_")[0], cents)
        self.seen["refunded in Stripe"] += "id" in made
        self.changed = True

    @precondition(lambda self: self.secrets)
    @rule(which=LATEST_FIRST)
    def a_customer_disputes(self, which: int) -> None:
        """What they paid, once; their bank takes it as long as it is there."""
        intent_id = picked(list(self.secrets.values()), which).partition("_secret_")[0]
        paid = {intent["id"] for intent in self.world.intents() if intent["status"] == "succeeded"}
        back = {refund["payment_intent"] for refund in self.world.refunds()}
        if intent_id in paid - back - {dispute["payment_intent"] for dispute in self.world.disputes()}:
            self.world.dispute(intent_id)
            self.seen["disputed"] += 1

    @precondition(lambda self: self.seen["disputed"])
    @rule(which=LATEST_FIRST, won=st.booleans())
    def a_bank_decides(self, which: int, won: bool) -> None:
        dispute = picked(self.world.disputes(), which)
        if dispute["status"] == "needs_response":
            self.world.decide(dispute["id"], "won" if won else "lost")

    @precondition(lambda self: self.has_room() and self.secrets)
    @rule(which=LATEST_FIRST, course=COURSES)
    def a_worker_ends_what_a_card_holds(self, which: int, course: Course) -> None:
        rows = sorted(
            outbox.open_rows(CardHold).select_related("payment"),
            key=lambda hold: self.made.index(hold.payment.booking_id),
        )
        self.work_on(rows, which, lambda hold, now: approvals.end_hold(hold, now=now), course)

    @rule(which=LATEST_FIRST)
    def a_worker_keeps_the_books(self, which: int) -> None:
        """Of the events of a booking any, in any order; the others wait, or were given up."""
        if rows := list(outbox.open_rows(Posting).order_by("pk")):
            row = picked(rows, which)
            outbox.run(Posting, row.pk, lambda posting: post(posting, self.now), now=self.now)
            self.changed = True

    def work_on(self, rows: list[Any], which: int, work: Work, course: Course) -> None:
        if rows:
            row, now = picked(rows, which), self.now
            self.run(lambda: outbox.run(type(row), row.pk, lambda fresh: work(fresh, now), now=now), course)

    @precondition(lambda self: self.conductor.standing)
    @rule(which=PICK, fate=FATES)
    def stripe_answers(self, which: int, fate: Fate) -> None:
        procedure = picked(self.conductor.standing, which)
        stands = self.now - self.began[id(procedure)]
        if fate is not Fate.ANSWERED and stands > CARRIED_OUT_WITHIN and not procedure.is_carried_out:
            fate = Fate.UNREACHABLE  # what Stripe has not done by then it won't do
        self.conductor.answer(procedure, fate)
        self.seen[fate.name] += 1
        self.look_at(procedure)

    # ---- what must hold after each step

    @invariant()
    def promises_are_kept(self) -> None:
        if getattr(self, "changed", False):
            self.changed = False
            self.check_now(self.now)

    # ---- when everything has come to rest

    def come_to_rest(self) -> None:
        """Everybody goes home; sweeps and workers go on until nothing changes. Each refund's first worker dies when
        Stripe has it, so that every one of them is tried again."""
        for refund in outbox.open_rows(Refund):
            self.work_on([refund], 0, send_refund, course=STANDS)
            for procedure in self.conductor.standing.copy():
                self.conductor.answer(procedure, Fate.DIES_AFTER)
        for pause in (timedelta(minutes=15), fee_charges.PAID_WITHIN, *[timedelta(minutes=15)] * 5):
            self.now += pause
            expiry.expire_holds(now=self.now)
            fee_charges.lapse_fees(now=self.now)
            reconciliation.sync_unsettled_payments(now=self.now)
            ConnectedAccount.objects.update(refunds_checked_at=None)
            refund_sweep.look_for_refunds(now=self.now)
            ConnectedAccount.objects.update(disputes_checked_at=None)
            disputes.look_for_disputes(now=self.now)
            for model, work in (
                (StripeEvent, lambda row: inbox.act_on(row, now=self.now)),
                (CardHold, lambda row: approvals.end_hold(row, now=self.now)),
                (FeeCharge, lambda row: fee_charges.charge(row, now=self.now)),
                (Refund, lambda row: refunds.send_refund(row, now=self.now)),
                (Posting, lambda row: post(row, self.now)),
            ):
                given_up.revive(
                    model,
                    list(model.objects.exclude(dead_at=None).values_list("pk", flat=True)),
                    now=self.now,
                )
                for key in outbox.open_rows(model).values_list("pk", flat=True):
                    outbox.run(model, key, work, now=self.now)
            if not self.is_busy():
                break
        played = {StripeEvent, CardHold, FeeCharge, Refund, Posting, Message}
        for kind in set(outbox.kinds()) - played:  # documents, of which messages tell
            for row in outbox.open_rows(kind):
                work_on(row)
        for message in outbox.open_rows(Message):
            deliver(message, now=self.now)
