"""The protocol of docs/payments.md under a machine that plays everything at once: two customers, a few overlapping
times, cards, webhooks in any order, sweeps, and crashes at every call to Stripe.

Procedures run side by side and interleave at their calls. After every step, and once more after everything has come
to rest, nothing may be double-booked, charged twice, refunded twice, confirmed without money, or left payable after
its time was given back; and every charge must end as a booking or a refund.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from accounts.models import User
from accounts.service_rules import DepositKind
from bookings.models import Posting
from invoicing.crediting import credit_all
from local.testing.cast import make_service, make_tradie
from local.testing.left_rows import start_anew
from local.testing.sent import deliver
from local.testing.working import work_on
from notifications.models import Message
from payments import approvals, disputes, expiry, fee_charges, inbox, reconciliation, refund_sweep
from payments.forgotten_cards import forget_cards
from payments.models import CardHold, ConnectedAccount, FeeCharge, Refund, StripeEvent
from peepopay import given_up, outbox

from .interleaving import Fate
from .played_bills import Bills
from .played_no_shows import DEPOSIT, FEE_BY_CARD, NoShows
from .played_stripe import Outside, post, send_refund
from .playing import BATHROOM, DRAIN, GOOD_CARD, LOOK, STANDS
from .promises import Promises

BEGINNINGS = st.sampled_from(
    ["nothing", "nothing", "paid", "confirmed", "cancelled", "asked", "missed", "card saved", "done"]
)
TERMS: dict[str, dict[str, Any]] = {
    DRAIN: {"late_fee_cents": 1_000, "no_show_fee_cents": DEPOSIT + FEE_BY_CARD},
    BATHROOM: {"requires_approval": True},
    LOOK: {
        "deposit_kind": DepositKind.NONE,
        "deposit_fixed_cents": 0,
        "no_show_fee_cents": FEE_BY_CARD,
        "no_show_card_required": True,
    },
}


class Protocol(NoShows, Outside, Bills, Promises, RuleBasedStateMachine):
    # ---- the stage

    @initialize(so_far=BEGINNINGS)
    def set_the_stage(self, so_far: str = "nothing") -> None:
        start_anew()
        self.world.reset()
        self.begin()
        owner = User.objects.create_user("sam@example.com", None)
        self.tradie = make_tradie(
            owner=owner, slug="sam-plumber", account_id=self.world.account, abn="51824753556"
        )
        self.jobs = {name: make_service(self.tradie, name=name, **terms) for name, terms in TERMS.items()}
        self.go_as_far_as(so_far)

    def go_as_far_as(self, so_far: str) -> None:
        """So that plays get to what comes late in the life of a booking."""
        if so_far == "nothing":
            return
        job = {"asked": BATHROOM, "card saved": LOOK}.get(so_far, DRAIN)
        self.a_customer_books(who=0, when=0, choosing_again=False, job=job, course=Fate.ANSWERED)
        if so_far in ("missed", "card saved"):
            self.a_customer_says_whether_the_card_may_be_charged(which=0, agrees=True, course=Fate.ANSWERED)
        self.a_customer_pays(which=0, card=GOOD_CARD, passed=True)
        if so_far == "paid":
            return
        self.a_webhook_arrives(which=0, course=Fate.ANSWERED)
        if so_far == "cancelled":
            self.a_booking_is_to_change(which=0, wish="tradie cancels", when=0, course=Fate.ANSWERED)
        if so_far in ("missed", "done", "card saved"):
            for _ in range(3):
                self.time_passes(minutes=25 * 60, sweep="none", course=Fate.ANSWERED)
        if so_far == "done":
            self.the_job_is_billed(which=0, cents=9_000)

    def teardown(self) -> None:
        if hasattr(self, "now"):
            self.conductor.finish_all()
            self.come_to_rest()
            self.check_the_end(self.now)

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
            credit_all(now=self.now)
            for model, work in (
                (StripeEvent, lambda row: inbox.act_on(row, now=self.now)),
                (CardHold, lambda row: approvals.end_hold(row, now=self.now)),
                (FeeCharge, lambda row: fee_charges.charge(row, now=self.now)),
                (Refund, lambda row: send_refund(row, self.now)),
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
        forget_cards(now=self.now + timedelta(days=30))
