"""What must hold of our rows and of Stripe's, after every step of the protocol machine and at its end."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta

from bookings.models import HELD, Booking, Posting, Status
from invoicing.invoice_models import Receipt
from ledger.chart import REVENUE
from ledger.reports import figures
from ledger.xero import sales_file
from local.testing.xero_import import XeroImport
from payments import balances, bills, books_checks, invariants
from payments.models import (
    UNSETTLED,
    CardConsent,
    CardHold,
    FeeCharge,
    Payment,
    PaymentKind,
    PaymentStatus,
    Refund,
    RefundOrigin,
    StripeEvent,
)
from peepopay import outbox
from peepopay.csv_files import lines_of
from peepopay.money import gst_within

from .bookkeeping import agree_with_stripe, books, fees_are_in_proportion
from .playing import Play

DEPOSIT, BALANCE, FEE = PaymentKind.DEPOSIT, PaymentKind.BALANCE, PaymentKind.NO_SHOW_FEE
RELEASED = (Status.EXPIRED, Status.LOST, Status.CANCELLED, Status.DECLINED)
STANDS = (Status.CONFIRMED, Status.NO_SHOW, Status.COMPLETED)
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action", "processing")
# What checks of the finished state look for, and what may be so while workers and sweeps are away.
ONLY_AT_REST = ("outbox_rows_stuck", "holds_never_lapsed")


class Promises(Play):
    def check_now(self, now: datetime) -> None:
        found = invariants.findings(now=now)
        assert [line for line in found if not line.startswith(ONLY_AT_REST)] == []
        self.stripe_has_what_it_should()
        assert books_checks.differing(now=now + timedelta(days=1), limit=100) == [], "books and rows differ"

    def stripe_has_what_it_should(self) -> None:
        intents = self.world.intents()
        statuses = dict(Booking.objects.values_list("pk", "status"))
        made = Counter(intent["metadata"]["payment_id"] for intent in intents)
        assert all(count == 1 for count in made.values()), f"two intents for one payment: {made}"
        kinds = {str(pk): kind for pk, kind in Payment.objects.values_list("pk", "kind")}
        charged = Counter(
            (i["metadata"]["booking_id"], kinds[i["metadata"]["payment_id"]])
            for i in intents
            if i["status"] == "succeeded"
        )
        assert all(n == 1 for (_, kind), n in charged.items() if kind == DEPOSIT), f"charged twice: {charged}"
        setups = self.world.setups()
        consents = {
            consent.setup_intent_id: consent for consent in CardConsent.objects.exclude(setup_intent_id="")
        }
        by_secret = {intent["client_secret"]: intent for intent in (*intents, *setups)}
        for booking_id, secret in self.secrets.items():
            asked = by_secret[secret]
            if statuses[booking_id] in RELEASED and asked["status"] in PAYABLE:
                assert asked["id"] in consents, "payable after its time was given back"
                assert consents[asked["id"]].withdrawn_at, "a card can be saved after its time was given back"
        done = {setup["id"] for setup in setups if setup["status"] == "succeeded"}
        saved = {of.booking_id for pk, of in consents.items() if pk in done and not of.withdrawn_at}
        for booking in Booking.objects.filter(status=Status.CONFIRMED):
            if booking.deposit_cents:
                assert charged[str(booking.pk), DEPOSIT] == 1, "confirmed without money"
            else:
                assert booking.pk in saved, "confirmed without a card"
        self.fees_are_agreed_on()
        self.refunds_at_stripe_are_ours()

    def fees_are_agreed_on(self) -> None:
        """Of a booking one fee at most is wanted, and nothing is charged above what its customer agreed to."""
        wanted = Payment.objects.filter(
            kind=FEE, called_off_at=None, status__in=(*UNSETTLED, PaymentStatus.SUCCEEDED)
        )
        count = Counter(wanted.values_list("booking_id", flat=True))
        assert all(number == 1 for number in count.values()), f"asked for a fee twice: {count}"
        charges = FeeCharge.objects.select_related("payment", "consent")
        assert all(row.payment.amount_cents <= row.consent.cap_cents for row in charges), (
            "above what was agreed"
        )

    def refunds_at_stripe_are_ours(self) -> None:
        made = [refund for refund in self.world.refunds() if refund["metadata"]]  # not made in the dashboard
        count = Counter(refund["metadata"]["refund_id"] for refund in made)
        assert all(number == 1 for number in count.values()), f"refunded twice: {count}"
        ours = {str(pk): cents for pk, cents in Refund.objects.values_list("pk", "amount_cents")}
        assert all(ours.get(r["metadata"]["refund_id"]) == r["amount"] for r in made), (
            "a refund without its row"
        )

    def check_the_end(self, now: datetime) -> None:
        assert not self.is_busy(), "it never comes to rest"
        assert invariants.findings(now=now + timedelta(hours=1)) == []
        self.stripe_has_what_it_should()
        back: Counter[str] = Counter()
        elsewhere: Counter[str] = Counter()
        for refund in self.world.refunds():
            back[refund["payment_intent"]] += refund["amount"]
            elsewhere[refund["payment_intent"]] += 0 if refund["metadata"] else refund["amount"]
        payments = {p.intent_id: p for p in Payment.objects.select_related("booking").exclude(intent_id=None)}
        disputed = {dispute["payment_intent"] for dispute in self.world.disputes()}
        for intent in self.world.intents():
            payment = payments[intent["id"]]
            if intent["status"] == "requires_capture":
                assert payment.booking.status == Status.REQUESTED, "held for ever"
                self.seen["ends asked"] += 1
                continue
            if intent["status"] in PAYABLE and payment.kind == BALANCE:
                assert balances.is_wanted(payment), "payable, and nothing is left to pay"
                continue
            assert intent["status"] in ("succeeded", "canceled"), "left payable for ever"
            if intent["status"] == "succeeded":
                self.seen[
                    f"ends {payment.booking.status}" if payment.kind == DEPOSIT else f"{payment.kind} paid"
                ] += 1
                due = min(self.due_back(payment) + elsewhere[intent["id"]], intent["amount"])
                if intent["id"] in disputed:  # the bank decides, or has; a person is asked about the rest
                    self.seen[f"{payment.kind} ends disputed"] += 1
                    assert back[intent["id"]] <= due
                else:
                    assert back[intent["id"]] == due, f"{payment.booking.status} but not refunded"
        by_hand = Refund.objects.filter(client_key__isnull=False).values_list(
            "payment__booking", "amount_cents"
        )
        given: Counter[uuid.UUID] = Counter()
        for booking_id, cents in by_hand:
            given[booking_id] += cents
        assert given == +self.given, "given back by hand, and not as much"
        ours = dict(Payment.objects.filter(refunded_cents__gt=0).values_list("intent_id", "refunded_cents"))
        assert ours == back, "our rows say otherwise than Stripe"
        assert self.world.saved_cards() == [], "a card that nobody may charge any more is kept"
        fees_are_in_proportion(self.world)
        self.check_the_books()

    def check_the_books(self) -> None:
        """To the cent what Stripe says: in the account, and of each booking."""
        agree_with_stripe(self.world)
        left: Counter[str] = Counter()
        for intent in self.world.intents():
            left[intent["metadata"]["booking_id"]] += intent["amount_received"]
        of_intent = {intent["id"]: intent["metadata"]["booking_id"] for intent in self.world.intents()}
        for refund in self.world.refunds():
            left[of_intent[refund["payment_intent"]]] -= refund["amount"]
        disputed = set()
        for dispute in self.world.disputes():
            disputed.add(of_intent[dispute["payment_intent"]])
            left[of_intent[dispute["payment_intent"]]] -= dispute["amount"] * (dispute["status"] == "lost")
        for receipt in Receipt.objects.all():
            left[str(receipt.booking_id)] += receipt.cents
        all_held = all_earned = 0
        for booking in Booking.objects.all():
            on = Counter(books(booking))
            held, earned = -on["deposits"], -sum(on[name] for name in (*REVENUE, "gst"))
            all_held, all_earned = all_held + held, all_earned + earned
            assert held + earned == left[str(booking.pk)], "the books have another amount than Stripe"
            assert -on["gst"] == gst_within(earned)
            if booking.status not in (Status.CANCELLED, Status.NO_SHOW, Status.COMPLETED):
                assert not earned, "earned before the job"
            elif str(booking.pk) not in disputed:  # else it may wait for the bank, or for a person
                assert not held, "held for nothing"
        self.the_accountant_has_the_same(all_held, all_earned)

    def the_accountant_has_the_same(self, held: int, earned: int) -> None:
        """In the file for Xero, read by its published rules, and on the pages of the months."""
        days = (self.now - timedelta(days=99)).date(), (self.now + timedelta(days=99)).date()
        file = XeroImport("".join(lines_of(sales_file(self.tradie, *days))), {"803", "200", "260"})
        assert file.accounts["803"] == held, "Xero holds another amount of deposits"
        assert sum(file.by_tax.values()) == held + earned, "Xero has another amount than Stripe"
        elsewhere = sum(receipt.cents for receipt in Receipt.objects.all())
        assert figures(self.tradie, *days).net_cents == self.world.balance_cents() + elsewhere

    def due_back(self, payment: Payment) -> int:
        """Besides what its tradie gave back in Stripe's dashboard."""
        booking, cents = payment.booking, payment.amount_cents
        match payment.kind:
            case PaymentKind.DEPOSIT:
                of_its_own = 0 if booking.status in STANDS else self.promised.get(booking.pk, cents)
            case PaymentKind.BALANCE:
                of_its_own = self.over(payment)
            case _:
                is_kept = booking.status == Status.NO_SHOW and not payment.called_off_at
                of_its_own = 0 if is_kept else cents
        by_hand = payment.refunds.filter(client_key__isnull=False).values_list("amount_cents", flat=True)
        return of_its_own + sum(by_hand)

    def over(self, payment: Payment) -> int:
        """What of a balance went back by itself: only what was too much, and that whole."""
        refunds = Refund.objects.filter(payment__booking=payment.booking_id)
        by_itself = refunds.filter(payment=payment, origin=RefundOrigin.OURS, client_key=None)
        cents = sum(by_itself.values_list("amount_cents", flat=True))
        elsewhere = refunds.filter(origin=RefundOrigin.EXTERNAL).values_list("amount_cents", flat=True)
        standing = bills.standing_of(payment.booking)
        assert standing, "a balance without a bill"
        if cents:
            taken_away = self.given[payment.booking_id] + sum(elsewhere)
            assert standing.left_cents <= taken_away, "more went back than was too much"
        if payment.booking_id not in self.lowered:
            assert not standing.over_cents, "more was paid than the job came to"
        return cents

    def is_busy(self) -> bool:
        """Something is still waiting for a worker, a sweep or Stripe. What is left of a bill may wait for ever."""
        payable = [intent["id"] for intent in self.world.intents() if intent["status"] in PAYABLE]
        return (
            Booking.objects.filter(status__in=HELD).exists()
            or Payment.objects.filter(status__in=UNSETTLED)
            .exclude(status=PaymentStatus.AUTHORISED, booking__status=Status.REQUESTED)
            .exclude(status=PaymentStatus.OPEN, kind=BALANCE, intent_id__in=payable)
            .exists()
            or any(
                outbox.open_rows(kind).exists()
                for kind in (CardHold, FeeCharge, Refund, StripeEvent, Posting)
            )
        )
