"""A customer disputes a payment with their bank: the row, who is told, and no refund out of what the bank has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.actors import CUSTOMER, By
from bookings.lifecycle import mark_completed
from bookings.models import Actor, Booking, EventKind
from bookings.tokens import token_of
from local.testing.cast import Api, owner_of, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import dispute_messages, disputes, inbox, invariants, stripe_lists
from payments.cancellations import cancel_booking
from payments.models import Dispute, Payment, Refund, StripeEvent
from payments.outcomes import outcome_of
from payments.refunds import request_refund, send_refund
from payments.settlement import settle
from payments.stripe_answers import read_hint
from payments.totals import totals_of

from .bookkeeping import agree_with_stripe, books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(api: Api, sam, drain, stripe_app: StripeWorld) -> Payment:
    """Jo's paid deposit of $30, for a time in two weeks: free to cancel."""
    held = api.book(drain, soon(sam, days=14)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    settle(Payment.objects.get(), now=timezone.now())
    return Payment.objects.select_related("booking__tradie").get()


def hear(stripe_app: StripeWorld, kind: str) -> None:
    """The latest event of this type comes and is acted on."""
    event = [e for e in stripe_app.events() if e["type"] == f"charge.dispute.{kind}"][-1]
    with transaction.atomic():
        inbox.store(read_hint(event))
    work_on(StripeEvent.objects.get(pk=event["id"]))


def dispute_it(stripe_app: StripeWorld, payment: Payment) -> str:
    """Jo complains to her bank, and we hear of it. -> the dispute's id"""
    dispute_id = stripe_app.dispute(payment.intent_id or "")
    hear(stripe_app, "created")
    payment.refresh_from_db()
    return dispute_id


def told() -> list[str]:
    return list(Message.objects.filter(kind__startswith="dispute_").values_list("kind", flat=True))


def history() -> list[tuple[str, str]]:
    of_disputes = [EventKind.DISPUTED, EventKind.DISPUTE_CLOSED]
    return list(
        Booking.objects.get().events.filter(kind__in=of_disputes).order_by("id").values_list("kind", "detail")
    )


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


def answer_of(payment: Payment, number: int, **changes: Any) -> stripe_lists.DisputeAnswer:
    """As Stripe tells of a dispute of all of it."""
    told = {"status": "needs_response", "reason": "general", "evidence_due_by": None, "evidence_sent": False}
    fields = {**told, "amount_cents": payment.amount_cents, "opened_at": timezone.now(), **changes}
    return stripe_lists.DisputeAnswer(id=f"dp_{number}", intent_id=payment.intent_id or "", **fields)


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


def test_one_that_was_over_before_we_heard_of_it_is_told_of_once_and_asks_for_no_answer(payment) -> None:
    for reason in ("general", "fraudulent"):  # the same once more, with another word
        won = answer_of(payment, 1, status="won", reason=reason)
        disputes.note_disputes(payment, [won], now=timezone.now())
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
