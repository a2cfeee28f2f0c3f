"""What the protocol machine plays of time, of Stripe and of the workers: holds lapse, webhooks come in any order, money
is refunded and disputed, and each call to Stripe meets its fate."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings.models import Posting
from ledger.posting import keep_books
from payments import approvals, expiry, fee_charges, inbox, reconciliation, refunds
from payments.intents import CARRIED_OUT_WITHIN
from payments.models import CardHold, Refund, StripeEvent
from payments.stripe_gateway import read_event
from peepopay import outbox
from web.tests.test_webhook import signed

from .interleaving import Fate
from .playing import COURSES, LATEST_FIRST, PICK, TROUBLE, Course, Play, picked

SWEEPS = st.sampled_from(
    ["holds", "holds", "payments", "holds, and dies after its first step", "requests", "fees", "none"]
)
FATES = st.sampled_from([Fate.ANSWERED] * len(TROUBLE) + TROUBLE)


def send_refund(refund: Refund, now: datetime) -> None:
    refunds.send_refund(refund, now=now)


def post(posting: Posting, now: datetime) -> outbox.Changes:
    keep_books(posting.booking_id)
    return {}


class Outside(Play):
    @precondition(lambda self: self.has_room())
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
        """In their own dashboard, as far as Stripe lets them: no more than is left of it."""
        if paid := self.paid():
            made = self.world.refund_in_dashboard(picked(paid, which), cents)
            self.seen["refunded in Stripe"] += "id" in made
            self.changed = True

    @precondition(lambda self: self.secrets)
    @rule(which=LATEST_FIRST)
    def a_customer_disputes(self, which: int) -> None:
        """What they paid, whatever it was for, once; their bank takes it as long as it is there."""
        gone = {of["payment_intent"] for of in (*self.world.refunds(), *self.world.disputes())}
        if left := [intent_id for intent_id in self.paid() if intent_id not in gone]:
            self.world.dispute(picked(left, which))
            self.seen["disputed"] += 1

    def paid(self) -> list[str]:
        """The intents that were, in the order in which they were made."""
        return [intent["id"] for intent in self.world.intents() if intent["status"] == "succeeded"]

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
