"""Fifty people press cancel, refund and move for one paid booking at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from bookings.actors import By
from bookings.models import Actor, BookingEvent, EventKind, Status
from bookings.moving import CHANGED_MEANWHILE, move_booking
from ledger.models import Journal, JournalKind
from local.testing.cast import owner_of, soon
from local.testing.crowd import all_at_once
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import invariants
from payments.cancellations import cancel_booking
from payments.models import Payment, Refund
from payments.refunds_by_hand import refund_by_hand
from peepopay import outbox
from peepopay.celery_app import app
from peepopay.errors import AppError, BookingNotChangeable

from .bookkeeping import agree_with_stripe
from .refunding import money, webhooks_arrive

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING_LEFT = "Nothing is left to give back."
PRESSES = 50


class Crowd:
    """What each of them can press, all on the page as it was before."""

    def __init__(self, payment: Payment) -> None:
        self.payment, self.booking = payment, payment.booking
        self.sam = By(Actor.TRADIE, owner_of(payment.booking.tradie))

    def cancel(self, _: int) -> None:
        cancel_booking(self.booking, by=self.sam, now=timezone.now())

    def refund(self, number: int) -> None:
        key, now = UUID(int=number), timezone.now()
        refund_by_hand(self.booking, 1_000, note="", key=key, by=self.sam, now=now)

    def move(self, number: int) -> None:
        starts_at = soon(self.booking.tradie, hour=10 + number % 5)
        move_booking(self.booking, starts_at, by=self.sam, now=timezone.now())

    def press(self, *buttons: Callable[[int], None]) -> Counter[tuple[str, str]]:
        """(button, what its page said) -> how often; the buttons in turn, PRESSES of them together."""

        def act(number: int) -> tuple[str, str]:
            button = buttons[number % len(buttons)]
            try:
                button(number)
            except AppError as refusal:
                return button.__name__, refusal.message
            finally:
                connection.close()
            return button.__name__, "done"

        return Counter(all_at_once([lambda number=number: act(number) for number in range(PRESSES)]))  # type: ignore[misc]

    def happened(self, kind: EventKind) -> int:
        return BookingEvent.objects.filter(booking=self.booking, kind=kind).count()


@pytest.fixture
def crowd(paid: Payment) -> Crowd:
    return Crowd(paid)


def two_workers_each(rows: list[Refund]) -> None:
    """The broker delivered every task twice, at once."""

    def work(row: Refund) -> None:
        try:
            work_on(row)
        finally:
            connection.close()

    app.loader.import_default_modules()
    copies = [*rows, *Refund.objects.filter(pk__in=[row.pk for row in rows])]
    all_at_once([lambda row=row: work(row) for row in copies])  # type: ignore[misc]


def settle_all(crowd: Crowd, stripe_app: StripeWorld, cents: int) -> None:
    """Workers send the refunds; Stripe's ledger, our rows and the books say that `cents` went back, and no more."""
    assert money(crowd.payment) == (0, cents)
    two_workers_each(list(outbox.open_rows(Refund)))
    webhooks_arrive(stripe_app, "charge.refunded", "refund.created", "refund.updated")
    assert money(crowd.payment) == (cents, 0)
    at_stripe = stripe_app.refunds(crowd.payment.account_id)
    ours = Refund.objects.filter(status="succeeded").values_list("stripe_id", "amount_cents")
    assert sorted((one["id"], one["amount"]) for one in at_stripe) == sorted(ours)
    assert sum(one["amount"] for one in at_stripe) == cents
    agree_with_stripe(stripe_app)
    assert Journal.objects.filter(booking=crowd.booking, kind=JournalKind.REFUND).count() == len(at_stripe)
    assert invariants.findings(now=timezone.now()) == []


def test_cancelled_refunded_and_moved_at_once_it_is_cancelled_once_and_all_goes_back_once(
    crowd: Crowd, stripe_app: StripeWorld
) -> None:
    said = crowd.press(crowd.cancel, crowd.refund, crowd.move)
    crowd.booking.refresh_from_db()
    assert (crowd.booking.status, crowd.happened(EventKind.CANCELLED)) == (Status.CANCELLED, 1)
    assert said["cancel", "done"] == 17  # cancelling what is cancelled is fine
    assert said["move", "done"] == crowd.happened(EventKind.MOVED) <= 5  # to one of five times
    assert said["refund", "done"] <= 3
    clear = {("refund", NOTHING_LEFT), ("move", CHANGED_MEANWHILE), ("move", BookingNotChangeable().message)}
    assert {one for one in said if one[1] != "done"} <= clear
    mails = Message.objects.filter(kind="booking_cancelled_by_tradie", channel="email")
    assert mails.count() == 1
    settle_all(crowd, stripe_app, 3_000)


def test_refunded_and_moved_at_once_it_moves_once_and_three_tens_of_thirty_go_back(
    crowd: Crowd, stripe_app: StripeWorld
) -> None:
    said = crowd.press(crowd.refund, crowd.move)
    crowd.booking.refresh_from_db()
    assert (crowd.booking.status, crowd.booking.sequence) == (Status.CONFIRMED, 1)
    # Five presses name the time that won: to them it is where they want it.
    assert said == {
        ("refund", "done"): 3,
        ("refund", NOTHING_LEFT): 22,
        ("move", "done"): 5,
        ("move", CHANGED_MEANWHILE): 20,
    }
    assert crowd.happened(EventKind.MOVED) == 1
    settle_all(crowd, stripe_app, 3_000)
