"""Refunds that meet a dispute: called off while the bank has the money, asked for once more where it has not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.actors import By
from bookings.lifecycle import mark_completed
from bookings.models import Actor, Booking
from local.testing.cast import Api, owner_of, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import dispute_messages, disputes
from payments.models import Dispute, Payment, Refund
from payments.refunds import request_refund, send_refund
from payments.settlement import settle

from .bookkeeping import agree_with_stripe, books
from .disputing import answer_of, dispute_it, hear, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(api: Api, sam, drain, stripe_app: StripeWorld) -> Payment:
    """Jo's paid deposit of $30, for a time in two weeks: free to cancel."""
    held = api.book(drain, soon(sam, days=14)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    settle(Payment.objects.get(), now=timezone.now())
    return Payment.objects.select_related("booking__tradie").get()


def test_a_lost_dispute_does_not_ask_for_what_had_been_promised_before_it(
    payment, stripe_app: StripeWorld
) -> None:
    with transaction.atomic():
        refund = request_refund(payment, 3_000, reason="Kind", now=timezone.now())
    dispute_id = dispute_it(stripe_app, payment)
    refund.refresh_from_db()
    assert refund.was_called_off
    stripe_app.decide(dispute_id, "lost")
    hear(stripe_app, "closed")
    payment.refresh_from_db()
    assert (payment.attention, Dispute.objects.get().promised_cents) == ("", 0)
    closed = Message.objects.get(kind="dispute_closed")
    assert dispute_messages.context_for(closed, now=timezone.now())["promised"] == ""


def test_two_disputes_of_one_payment_take_no_more_than_was_paid_and_call_off_once(payment) -> None:
    now = timezone.now()
    with transaction.atomic():
        refund = request_refund(payment, 1_000, reason="Kind", now=now)
    for number in range(2):
        disputes.note_disputes(payment, [answer_of(payment, number)], now=now)
    refund.refresh_from_db()
    assert not disputes.call_off_disputed(refund, now=now)
    payment.refresh_from_db()
    assert (payment.disputed_cents, payment.reserved_cents, payment.left_cents) == (3_000, 0, 0)


def test_a_refund_that_waits_when_the_dispute_opens_is_called_off(payment, stripe_app: StripeWorld) -> None:
    now = timezone.now()
    with transaction.atomic():
        refund = request_refund(payment, 3_000, reason="Cancelled by the customer", now=now)
    dispute_id = dispute_it(stripe_app, payment)
    refund.refresh_from_db()
    assert (refund.status, refund.done_at is not None, payment.reserved_cents) == ("not_needed", True, 0)
    stripe_app.decide(dispute_id, "won")
    hear(stripe_app, "closed")
    payment.refresh_from_db()
    assert payment.attention == "Dispute won; $30 had been promised back before it. Refund it now?"


def test_a_refund_that_stripe_may_have_made_is_not_called_off_by_our_rows_alone(
    payment, stripe_app: StripeWorld
) -> None:
    with transaction.atomic():
        refund = request_refund(payment, 1_000, reason="Cancelled by the customer", now=timezone.now())
    stripe_app.fault("POST /v1/refunds$", status=500, after=True)
    send_refund(refund, now=timezone.now())  # made, and the answer was lost
    dispute_it(stripe_app, payment)
    refund.refresh_from_db()
    assert (refund.status, payment.reserved_cents) == ("requested", 1_000)
    send_refund(refund, now=timezone.now())
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.refunded_cents, payment.reserved_cents) == ("succeeded", 1_000, 0)


def test_a_dispute_that_ends_without_the_money_asks_once_more_for_what_was_called_off(
    client: Client, payment, stripe_app: StripeWorld
) -> None:
    """Prevented, nobody has won it; the business is asked by mail and on the booking, and one press sends it."""
    now, booking = timezone.now(), payment.booking
    with transaction.atomic():
        refund = request_refund(payment, 1_000, reason="Cancelled by the customer", now=now)
    dispute_id = dispute_it(stripe_app, payment)
    client.force_login(owner_of(booking.tradie))
    page = reverse("booking", args=[booking.pk])
    assert "Refund $10 now" not in client.get(page).content.decode()  # the bank has it
    again = reverse("refund_again", args=[booking.pk, refund.pk])
    client.post(again)
    assert Refund.objects.count() == 1
    stripe_app.decide(dispute_id, "prevented")
    hear(stripe_app, "closed")
    payment.refresh_from_db()
    asked = "Dispute prevented; $10 had been promised back before it. Refund it now?"
    assert payment.attention == asked
    shown = client.get(page).content.decode()
    assert asked in shown
    assert "refund: called off, because of a dispute" in shown
    assert "Refund $10 now" in shown
    mail = dispute_messages.context_for(Message.objects.get(kind="dispute_closed"), now=now)
    assert (mail["status"], mail["promised"]) == ("prevented", "$10")
    for _ in range(2):
        client.post(again)
    sent = Refund.objects.get(instead_of=refund)
    work_on(sent)
    payment.refresh_from_db()
    assert (sent.status, payment.refunded_cents, payment.attention) == ("succeeded", 1_000, "")
    Booking.objects.filter(pk=booking.pk).update(**booking.terms.times(now - timedelta(hours=2)))
    mark_completed(Booking.objects.get(), by=By(Actor.TRADIE), now=now)
    agree_with_stripe(stripe_app)
    assert sum(-books(booking).get(account, 0) for account in ("sales", "refunds", "gst")) == 2_000


def test_a_refund_that_stripe_refuses_because_of_a_dispute_is_called_off(
    payment, stripe_app: StripeWorld
) -> None:
    """Its event has not come yet."""
    now = timezone.now()
    with transaction.atomic():
        refund = request_refund(payment, 3_000, reason="Cancelled by the customer", now=now)
    stripe_app.dispute(payment.intent_id)
    send_refund(refund, now=now)
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.reserved_cents, payment.attention) == ("not_needed", 0, "")
    assert told() == ["dispute_opened"]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("won", "Dispute won; $30 had been promised back before it. Refund it now?"),
        ("prevented", "Because of a dispute Stripe sends nothing back now; $30 had been promised."),
        ("warning_closed", "Because of a dispute Stripe sends nothing back now; $30 had been promised."),
    ],
)
def test_a_refund_refused_while_the_money_is_here_says_won_only_where_it_was(
    payment, stripe_app: StripeWorld, status: str, says: str
) -> None:
    now = timezone.now()
    with transaction.atomic():
        refund = request_refund(payment, 3_000, reason="Cancelled by the customer", now=now)
    Dispute.objects.create(
        payment=payment, stripe_id="du_1", status=status, amount_cents=3_000, opened_at=now, closed_at=now,
        checked_at=now,
    )  # fmt: skip
    assert disputes.call_off_disputed(refund, now=now) is True
    payment.refresh_from_db()
    assert payment.attention == says
