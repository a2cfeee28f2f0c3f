"""Stripe's lists against our rows: events that never came, and money that differs."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from bookings.actors import By
from bookings.models import Actor, Booking, Status
from local.testing.cast import Api, owner_of, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import comparison, event_sweep, invariants, reconciliation, repairs, stripe_gateway
from payments.external_refunds import compare_refunds
from payments.matched import matched
from payments.models import (
    ConnectedAccount,
    Discrepancy,
    Dispute,
    Payment,
    PaymentStatus,
    Refund,
    StripeEvent,
)
from payments.refunds_by_hand import refund_by_hand
from payments.settlement import settle

from .bookkeeping import agree_with_stripe, books
from .disputing import dispute_it

pytestmark = pytest.mark.django_db(transaction=True)
SAM = "acct_demo_joe"


@pytest.fixture
def held(api: Api, sam, drain, stripe_app: StripeWorld) -> Payment:
    """Jo's deposit, paid at Stripe; we have not heard of it."""
    body = api.book(drain, soon(sam)).json()
    stripe_app.pay(body["payment"]["client_secret"])
    return Payment.objects.select_related("booking").get()


@pytest.fixture
def paid(held: Payment) -> Payment:
    """And now we have."""
    settle(held, now=timezone.now())
    held.refresh_from_db()
    return held


def differences(*, hours: float = 1) -> list[tuple[str, str, str, str]]:
    """What is found so many hours from now."""
    found = comparison.compare(SAM, now=timezone.now() + timedelta(hours=hours))
    return [(d.kind, d.object_id, d.at_stripe, d.in_our_rows) for d in found]


def refund_in_stripe(payment: Payment, cents: int) -> str:
    made = stripe_gateway.create_refund(
        SAM, payment.intent_id or "", amount_cents=cents, refund_fee=False, metadata={}, key=f"k{cents}"
    )
    return made.id


# ---- events


def test_events_that_never_came_are_fetched_and_acted_on(held: Payment, stripe_app: StripeWorld) -> None:
    now = timezone.now()
    assert event_sweep.look_for_events(now=now) == 1
    for event in StripeEvent.objects.all():
        assert event.account_id == SAM
        work_on(event)
    assert Booking.objects.get().status == Status.CONFIRMED
    assert event_sweep.look_for_events(now=now + timedelta(minutes=10)) == 0
    assert len(stripe_app.requests("GET /v1/events")) == 1
    assert event_sweep.look_for_events(now=now + timedelta(minutes=16)) == 0  # all are known
    assert StripeEvent.objects.filter(runs__gt=1).count() == 0


def test_stripe_takes_no_more_than_twenty_types_of_event() -> None:
    assert 10 < len(event_sweep.TYPES) <= 20


def test_an_account_without_an_answer_is_asked_again_from_where_it_was(
    held: Payment, stripe_app: StripeWorld
) -> None:
    stripe_app.fault("GET /v1/events", status=500, times=0)
    now = timezone.now()
    assert event_sweep.look_for_events(now=now) == 0
    assert ConnectedAccount.objects.get().events_seen_until is None
    stripe_app.clear_faults()
    assert event_sweep.look_for_events(now=now + timedelta(minutes=16)) == 1


# ---- money


def test_what_agrees_is_no_difference_and_the_tradie_gets_a_tick(
    client: Client, sam, paid: Payment, stripe_app: StripeWorld
) -> None:
    assert differences() == []
    now = timezone.now() + timedelta(hours=2)
    tick = matched(sam, now=now)
    assert tick is not None
    assert tick.differs is False
    client.force_login(owner_of(sam))
    assert "Every dollar matched with Stripe, last checked " in client.get("/dashboard/").content.decode()
    assert matched(sam, now=now + timedelta(days=2)) is None


def test_a_payment_that_we_never_heard_of_is_found_and_synced(held: Payment, stripe_app: StripeWorld) -> None:
    assert differences(hours=0.1) == []  # it may still be on its way
    assert differences() == [("payment_status", held.intent_id, "succeeded", "open")]
    assert differences() == [("payment_status", held.intent_id, "succeeded", "open")]
    row = Discrepancy.objects.get()
    now = timezone.now() + timedelta(hours=1)
    assert invariants.findings(now=timezone.now()) == [
        f"differs_from_stripe: payment_status {SAM} {held.intent_id}"
    ]
    assert repairs.look_again(row, now=now) is False
    assert repairs.sync_payment(row, now=now) is True
    assert Booking.objects.get().status == Status.CONFIRMED
    row.refresh_from_db()
    assert row.resolved_at == now
    assert invariants.findings(now=timezone.now()) == []


def test_a_refund_made_in_stripe_is_found_and_taken_over(paid: Payment, stripe_app: StripeWorld) -> None:
    refund_id = refund_in_stripe(paid, 1_000)
    assert differences() == [("refund_unknown", refund_id, "succeeded, 1000 cents", "")]
    assert repairs.adopt_refunds(Discrepancy.objects.get(), now=timezone.now() + timedelta(hours=1)) is True
    assert Refund.objects.get().stripe_id == refund_id
    Refund.objects.update(amount_cents=900)
    altered = ("refund_status", refund_id, "succeeded, 1000 cents", "succeeded, 900 cents")
    assert differences() == [altered]


def test_what_came_to_nothing_and_what_can_still_be_paid_is_no_difference(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    """A refund that failed before anybody heard of it; an intent of which no row knows yet, and another's."""
    stripe_app.fail_refund(refund_in_stripe(paid, 1_000))
    for metadata in ({"payment_id": "lost"}, {}):
        made = stripe_gateway.create_intent(
            SAM, {**json.loads(paid.sent), "metadata": metadata}, key=f"k{metadata}"
        )
    stripe_app.pay(made.client_secret)  # through something else that its business sells with
    assert differences() == []


def give_back(payment: Payment, cents: int) -> None:
    """By hand, in the dashboard, and a worker has sent it."""
    key = uuid.uuid4()
    asked = refund_by_hand(payment.booking, cents, note="", key=key, by=By(Actor.TRADIE), now=timezone.now())
    for refund in asked:
        work_on(refund)


@pytest.mark.parametrize(("sent_cents", "due_cents"), [(3_000, 75), (1_010, 25)])
def test_a_fee_that_did_not_come_back_is_found_and_given_back(
    paid: Payment, stripe_app: StripeWorld, sent_cents: int, due_cents: int
) -> None:
    Payment.objects.update(fee_cents=0)  # so Stripe is not asked for it
    give_back(paid, sent_cents)
    Payment.objects.update(fee_cents=75)
    told = f"{due_cents} cents of 75 due, since {sent_cents} cents went back"
    assert differences() == [("fee_refund", paid.intent_id, "0 cents of the fee came back", told)]
    row = Discrepancy.objects.select_related("payment").get()
    now = timezone.now() + timedelta(hours=1)
    assert repairs.look_again(row, now=now) is False
    assert repairs.give_back_fee(row, now=now) is True
    assert repairs.give_back_fee(row, now=now) is True  # nothing is missing any more
    assert len(stripe_app.requests("POST /v1/application_fees")) == 1
    agree_with_stripe(stripe_app)
    assert books().get("peepopay_fees", 0) == 75 - due_cents


def test_a_fee_that_came_back_in_parts_is_no_difference(paid: Payment, stripe_app: StripeWorld) -> None:
    for cents in (1_000, 333, 667, 1_000):
        give_back(paid, cents)
    assert differences() == []


def test_with_a_refund_that_its_business_makes_in_stripe_no_fee_is_due(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    refund_in_stripe(paid, 1_000)
    compare_refunds(paid, now=timezone.now())
    assert differences() == []


def test_a_dispute_that_we_never_heard_of_is_found_and_taken_over(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    dispute_id = stripe_app.dispute(paid.intent_id or "")
    assert differences() == [("dispute_unknown", dispute_id, "needs_response", "")]
    row = Discrepancy.objects.get()
    assert repairs.take_over_disputes(row, now=timezone.now() + timedelta(hours=1)) is True


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"fee_cents": 10}, ("payment_amount", "3000 cents, fee 75", "3000 cents, fee 10")),
        ({"status": PaymentStatus.CANCELED}, ("payment_status", "succeeded", "canceled")),
        ({"intent_id": "pi_none"}, None),
    ],
)
def test_a_row_that_says_something_else_is_found(
    paid: Payment, stripe_app: StripeWorld, change: dict[str, Any], found: tuple[str, str, str] | None
) -> None:
    Payment.objects.update(**change)
    if found:
        assert differences() == [(found[0], paid.intent_id, *found[1:])]
    else:
        assert sorted(kind for kind, *_ in differences()) == ["payment_missing", "payment_unknown"]


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("pressed", PaymentStatus.CANCELED),
        ("swept", PaymentStatus.OPEN),
        ("replayed", PaymentStatus.CANCELED),
    ],
)
def test_a_row_that_lost_that_it_was_paid_learns_it_again_and_nothing_goes_back(
    paid: Payment, stripe_app: StripeWorld, how: str, status: PaymentStatus
) -> None:
    """However often somebody sets about it."""
    Payment.objects.update(status=status, paid_at=None)
    told = Message.objects.count()
    now = timezone.now() + timedelta(hours=1)
    for _ in range(2):
        differences()
        if how == "pressed":
            for row in Discrepancy.objects.all():
                assert repairs.sync_payment(row, now=now) is True
        elif how == "swept":
            reconciliation.sync_unsettled_payments(now=now)
        else:
            (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.succeeded"]
            run("replay_webhook", event["id"], "--account", SAM)
            work_on(StripeEvent.objects.get())
    paid.refresh_from_db()
    swept_in_vain = (
        how == "swept" and status == PaymentStatus.CANCELED
    )  # the sweep looks at none that is settled
    assert paid.status == (status if swept_in_vain else PaymentStatus.SUCCEEDED)
    assert (Booking.objects.get().status, Refund.objects.count()) == (Status.CONFIRMED, 0)
    assert Message.objects.count() == told
    assert len(differences()) == swept_in_vain
    agree_with_stripe(stripe_app)


def test_a_dispute_whose_amount_was_altered_is_found_and_put_right(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    dispute_id = dispute_it(stripe_app, paid)
    assert differences() == []
    Dispute.objects.update(amount_cents=100)
    Payment.objects.update(disputed_cents=100)
    told = "needs_response, 3000 cents", "needs_response, 100 cents"
    assert differences() == [("dispute_status", dispute_id, *told)]
    row = Discrepancy.objects.get()
    for _ in range(2):
        assert repairs.take_over_disputes(row, now=timezone.now() + timedelta(hours=1)) is True
    paid.refresh_from_db()
    assert (paid.disputed_cents, Dispute.objects.count()) == (3_000, 1)


def test_a_difference_stays_in_sight_for_weeks_and_is_one_row(held: Payment, stripe_app: StripeWorld) -> None:
    for hours in (1, 24 * 5, 24 * 20):
        assert len(differences(hours=hours)) == 1
    assert Discrepancy.objects.count() == 1


def test_all_accounts_are_compared_once_a_night(paid: Payment, alex, stripe_app: StripeWorld) -> None:
    now = timezone.now()
    assert [comparison.compare_all(now=now + timedelta(minutes=2 * lap)) for lap in range(2)] == [1, 0]
    assert comparison.compare_all(now=now + timedelta(hours=21)) == 1


# ---- commands


def run(name: str, *words: str) -> str:
    out = StringIO()
    call_command(name, *words, stdout=out, stderr=out)
    return out.getvalue()


def test_reconcile_stripe_fetches_events_and_prints_differences(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    count = StripeEvent.objects.count()
    assert run("reconcile_stripe", SAM).endswith(" events stored, 0 differences\n")
    assert StripeEvent.objects.count() > count
    assert run("reconcile_stripe") == f"{SAM}: 0 events stored, 0 differences\n"
    with pytest.raises(CommandError, match="No such account: acct_nobody"):
        run("reconcile_stripe", "acct_nobody")


def test_replay_webhook_has_an_event_acted_on_again(held: Payment, stripe_app: StripeWorld) -> None:
    (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.succeeded"]
    with pytest.raises(CommandError, match="never came"):
        run("replay_webhook", event["id"])
    assert run("replay_webhook", event["id"], "--account", SAM) == f"{event['id']} was fetched and is due.\n"
    row = StripeEvent.objects.get()
    for _ in range(2):
        work_on(row)
        assert (row.runs, row.done_at is not None) == (1, True)
        assert run("replay_webhook", event["id"]) == f"{event['id']} is due again.\n"
    assert Booking.objects.get().status == Status.CONFIRMED


def test_expire_holds_says_what_it_did(api: Api, sam, drain, stripe_app: StripeWorld) -> None:
    api.book(drain, soon(sam))
    assert run("expire_holds") == "0 expired, 0 left for the next time.\n"
    Booking.objects.update(held_until=timezone.now() - timedelta(minutes=5))
    assert run("expire_holds") == "1 expired, 0 left for the next time.\n"
