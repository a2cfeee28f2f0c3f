"""A customer disputes a payment with their bank: the row, who is told, and no refund out of what the bank has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.actors import CUSTOMER
from bookings.models import Actor
from bookings.tokens import token_of
from local.testing.cast import Api, owner_of, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import disputes, invariants, stripe_lists
from payments.cancellations import cancel_booking
from payments.models import Dispute, Payment, Refund
from payments.outcomes import outcome_of
from payments.settlement import settle
from payments.totals import totals_of

from .disputing import answer_of, dispute_it, hear, history, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(api: Api, sam, drain, stripe_app: StripeWorld) -> Payment:
    """Jo's paid deposit of $30, for a time in two weeks: free to cancel."""
    held = api.book(drain, soon(sam, days=14)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    settle(Payment.objects.get(), now=timezone.now())
    return Payment.objects.select_related("booking__tradie").get()


def test_a_dispute_becomes_a_row_and_its_tradie_is_told_once(payment, stripe_app: StripeWorld) -> None:
    dispute_id = dispute_it(stripe_app, payment)
    hear(stripe_app, "funds_withdrawn")
    dispute = Dispute.objects.get()
    assert (dispute.stripe_id, dispute.status, dispute.amount_cents) == (dispute_id, "needs_response", 3_000)
    assert dispute.evidence_due_by is not None
    assert (told(), history()) == (["dispute_opened"], [("disputed", "$30")])


def test_while_disputed_cancelling_promises_nothing_and_nothing_is_refunded(
    payment, stripe_app: StripeWorld
) -> None:
    dispute_it(stripe_app, payment)
    booking, now = payment.booking, timezone.now()
    for actor in (Actor.CUSTOMER, Actor.TRADIE):
        outcome = outcome_of(booking, totals_of(booking), actor=actor, now=now)
        assert (outcome.refund_cents, outcome.reason) == (0, "disputed")
    cancel_booking(booking, by=CUSTOMER, now=now)
    assert Refund.objects.count() == 0
    mail = Message.objects.get(kind="booking_cancelled")
    assert mail.facts["outcome"] == (
        "$30 was disputed with the bank, which decides about it: nothing comes back from here."
    )
    assert invariants.findings(now=now) == []


def test_a_lost_dispute_leaves_nothing_to_give_back(payment, stripe_app: StripeWorld) -> None:
    dispute_id = dispute_it(stripe_app, payment)
    stripe_app.decide(dispute_id, "lost")
    hear(stripe_app, "closed")
    totals = totals_of(payment.booking)
    assert (totals.paid_cents, totals.taken_cents, totals.left_cents) == (3_000, 3_000, 0)
    assert told() == ["dispute_opened", "dispute_closed"]
    assert history()[-1] == ("dispute_closed", "Lost: $30")
    assert Dispute.objects.get().closed_at is not None


def test_one_that_was_over_before_we_heard_of_it_is_told_of_once_and_asks_for_no_answer(payment) -> None:
    closed_at = timezone.now()
    for reason in ("general", "fraudulent"):  # the same once more, with another word, a day later
        won = answer_of(payment, 1, status="won", reason=reason, opened_at=closed_at)
        days = timedelta(days=reason == "fraudulent")
        disputes.note_disputes(payment, [won], now=closed_at + days)
    assert (Dispute.objects.get().reason, Dispute.objects.get().closed_at) == ("fraudulent", closed_at)
    assert told() == ["dispute_closed"]
    assert [kind for kind, _ in history()] == ["disputed", "dispute_closed"]


def test_a_won_dispute_gives_the_money_back_to_the_books(payment, stripe_app: StripeWorld) -> None:
    dispute_id = dispute_it(stripe_app, payment)
    stripe_app.decide(dispute_id, "won")
    hear(stripe_app, "funds_reinstated")
    hear(stripe_app, "closed")
    totals = totals_of(payment.booking)
    assert (totals.taken_cents, totals.left_cents) == (0, 3_000)
    assert told() == ["dispute_opened", "dispute_closed"]


def test_a_dispute_whose_events_were_lost_is_found_by_the_sweep(payment, stripe_app: StripeWorld) -> None:
    dispute_id = stripe_app.dispute(payment.intent_id)
    now = timezone.now()
    assert disputes.look_for_disputes(now=now) == 1
    assert Dispute.objects.get().status == "needs_response"
    stripe_app.decide(dispute_id, "lost")
    assert disputes.look_for_disputes(now=now + timedelta(hours=5)) == 0
    assert disputes.look_for_disputes(now=now + timedelta(hours=7)) == 1
    assert Dispute.objects.get().status == "lost"
    assert told() == ["dispute_opened", "dispute_closed"]


def test_an_older_answer_changes_nothing(payment, stripe_app: StripeWorld) -> None:
    """Two workers asked, and the one that asked first writes last."""
    dispute_id = dispute_it(stripe_app, payment)
    older = list(stripe_lists.list_disputes(payment.account_id, payment_intent=payment.intent_id))
    stripe_app.decide(dispute_id, "lost")
    hear(stripe_app, "closed")
    disputes.note_disputes(payment, older, now=timezone.now())
    assert Dispute.objects.get().status == "lost"


def test_a_dispute_of_somebody_elses_charge_is_not_ours(stripe_app: StripeWorld, payment) -> None:
    Payment.objects.update(intent_id="pi_other")
    stripe_app.dispute(payment.intent_id)
    hear(stripe_app, "created")
    disputes.look_for_disputes(now=timezone.now())
    assert Dispute.objects.count() == 0


def test_the_tradie_sees_it_today_and_on_the_booking(
    client: Client, sam, payment, stripe_app: StripeWorld, sent
) -> None:
    dispute_id = dispute_it(stripe_app, payment)
    client.force_login(owner_of(sam))
    today = client.get("/dashboard/").content.decode()
    assert "Disputes to answer" in today
    assert "disputes $30" in today
    page = client.get(reverse("booking", args=[payment.booking_id])).content.decode()
    assert "The customer disputes $30" in page
    assert f"https://dashboard.stripe.com/disputes/{dispute_id}" in page
    link = reverse("manage", args=[token_of(payment.booking)])
    for shown in (
        page,
        client.get(link).content.decode(),
    ):  # what was agreed does not hold while the bank decides
        assert "which decides about it: nothing comes back from here." in shown
        assert "all of $30 comes back" not in shown
    cancel = client.get(reverse("booking_cancel", args=[payment.booking_id])).content.decode()
    assert "$30 was disputed with the bank, which decides about it" in cancel
    work_on(Message.objects.get(kind="dispute_opened"))
    (mail,) = sent.mails
    assert mail["Subject"] == "Jo Citizen disputes $30"
    stripe_app.decide(dispute_id, "lost")
    hear(stripe_app, "closed")
    assert "Disputes to answer" not in client.get("/dashboard/").content.decode()
    assert "Dispute lost" in client.get(reverse("booking", args=[payment.booking_id])).content.decode()


def test_an_answer_that_is_asked_for_too_late_is_not_mailed(payment, stripe_app: StripeWorld) -> None:
    dispute_id = dispute_it(stripe_app, payment)
    stripe_app.decide(dispute_id, "won")
    hear(stripe_app, "closed")
    message = Message.objects.get(kind="dispute_opened")
    work_on(message)
    assert message.state == "skipped"
