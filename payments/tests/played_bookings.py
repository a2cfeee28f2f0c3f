"""What the protocol machine plays of customers and of what a business does with their bookings: books, pays, changes,
cancels, approves, declines."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings.actors import By
from bookings.details import Attempt
from bookings.models import HELD, Actor, Booking, Status
from bookings.moving import move_booking
from local.testing.cast import JO
from payments import approvals, cancellations, checkout, refunds_by_hand
from payments.checkout import Order
from payments.deposits import Offer
from payments.models import Payment, PaymentKind
from payments.totals import totals_of
from peepopay.errors import AppError

from .playing import (
    BATHROOM,
    CARD_WITH_3DS_ANSWERED,
    CARDS,
    COURSES,
    DRAIN,
    LATEST_FIRST,
    LOOK,
    PICK,
    SAM,
    Course,
    Play,
    picked,
)

JOBS = st.sampled_from([DRAIN, DRAIN, DRAIN, BATHROOM, BATHROOM, LOOK])
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


class Bookings(Play):
    @precondition(lambda self: self.has_room())
    @rule(who=st.integers(0, 1), when=PICK, choosing_again=st.booleans(), job=JOBS, course=COURSES)
    def a_customer_books(
        self, who: int, when: int, choosing_again: bool, course: Course, job: str = DRAIN
    ) -> None:
        service = self.jobs[job]
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
                self.open_page(booking, offer)

        self.run(hand_out, course)

    def open_page(self, booking: Booking, offer: Offer) -> None:
        """From here on a browser has the secret, if there is one yet."""
        if offer.client_secret:
            self.secrets[booking.pk] = offer.client_secret

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

    @precondition(lambda self: self.has_room() and self.made)
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
                approvals.approve(booking, by=SAM, now=now)
            case "decline":
                approvals.decline(booking, by=SAM, now=now)
            case "give something back":
                self.give_back(booking, [500, 1_000, 3_000][when % 3], now)
            case "move" if booking.status == Status.CONFIRMED:
                self.run(lambda: move_booking(booking, self.time(when), by=SAM, now=now), course)

    def give_back(self, booking: Booking, cents: int, now: datetime) -> None:
        if self.may_be_refused(
            lambda: refunds_by_hand.refund_by_hand(booking, cents, note="", key=uuid.uuid4(), by=SAM, now=now)
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
