"""What Stripe pays out: the rows, what came back, the books, and what a business reads of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from local.testing.cast import owner_of
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.kinds import NoLongerApplies
from notifications.models import Message
from payments import comparison, event_sweep, event_types, inbox, invariants, messages, payouts, repairs
from payments.models import ConnectedAccount, Discrepancy, Payment, Payout, StripeEvent
from payments.stripe_answers import read_hint
from payments.stripe_gateway import StripeRefused

from .bookkeeping import agree_with_stripe, books

pytestmark = pytest.mark.django_db(transaction=True)
SAM = "acct_demo_joe"


@pytest.fixture
def hear(stripe_app: StripeWorld) -> Callable[[str], None]:
    """The latest event of a type comes, and is acted on."""

    def act(kind: str) -> None:
        event = [e for e in stripe_app.events() if e["type"] == f"payout.{kind}"][-1]
        with transaction.atomic():
            inbox.store(read_hint(event))
        work_on(StripeEvent.objects.get(pk=event["id"]))

    return act


def rows() -> list[tuple[str, int, str]]:
    return list(
        Payout.objects.order_by("created_at", "-amount_cents").values_list(
            "status", "amount_cents", "failure"
        )
    )


def text(client: Client, page: str) -> str:
    return " ".join(client.get(page).content.decode().split())


def test_a_payout_is_announced_arrives_and_is_in_the_books(
    client: Client, sam: Any, paid: Payment, stripe_app: StripeWorld, hear: Any
) -> None:
    payout_id = stripe_app.pay_out(2_000)
    hear("created")
    payout = Payout.objects.get()
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    assert (payout.id, payout.status, payout.amount_cents) == (payout_id, "pending", 2_000)
    assert abs((payout.arrives_on - day).days) <= 1  # midnight may have passed
    arrives = f"{payout.arrives_on:%a} {payout.arrives_on.day} {payout.arrives_on:%b}"
    client.force_login(owner_of(sam))
    strip = f'<span>Next payout</span><strong>$20.00<span class="visually-hidden">,</span> <small>{arrives}</small>'
    assert strip in text(client, "/dashboard/")
    month = f"/dashboard/money?month={payout.arrives_on:%Y-%m}"
    assert f'<strong>{arrives}</strong> <span class="muted">On its way</span>' in text(client, month)
    stripe_app.move_payout(payout_id, "paid")
    hear("paid")
    assert rows() == [("paid", 2_000, "")]
    assert "<strong>None yet</strong>" in text(client, "/dashboard/")
    assert '<span class="muted">Paid</span>' in text(client, month)
    agree_with_stripe(stripe_app)
    assert books()["bank"] == 2_000
    assert comparison.compare(SAM, now=timezone.now() + timedelta(hours=1)) == []
    assert invariants.findings(now=timezone.now()) == []


def test_one_that_comes_back_stands_first_on_today_until_another_is_on_its_way(
    client: Client, sam: Any, kim: User, paid: Payment, stripe_app: StripeWorld, hear: Any
) -> None:
    payout_id = stripe_app.pay_out(2_000)
    stripe_app.move_payout(payout_id, "paid")
    hear("paid")
    stripe_app.pay_out(10)  # of a day later, on its way: that doesn't say that the account takes money
    hear("created")
    stripe_app.move_payout(payout_id, "failed")
    for _ in range(2):
        hear("failed")
        hear("updated")
    assert rows() == [("failed", 2_000, "no_account"), ("pending", 10, "")]
    came_back = Payout.objects.get(pk=payout_id)
    Payout.objects.filter(pk=payout_id).update(failure="")  # its reason is learned later than that it did
    payouts.look_at(ConnectedAccount.objects.get(account_id=SAM), payout_id, now=timezone.now())
    assert rows()[0] == ("failed", 2_000, "no_account")
    assert Payout.objects.get(pk=payout_id).failed_at == came_back.failed_at
    agree_with_stripe(stripe_app)
    assert books()["bank"] == 10
    (mail,) = Message.objects.filter(kind="payout_failed")
    assert mail.recipient == owner_of(sam).email
    told = messages.payout_failed(mail, now=timezone.now())
    assert (told["amount"], told["why"]) == ("$20.00", "there is no such account")
    client.force_login(owner_of(sam))
    problem = client.get("/dashboard/").context["problems"][0]
    assert problem.text == (
        "Your bank sent a payout of $20.00 back: there is no such account."
        " Stripe keeps your money until that is mended."
    )
    assert "Your bank sent it back: there is no such account." in text(client, problem.page)
    client.force_login(kim)  # of the office, who don't see the money
    assert client.get("/dashboard/").context["problems"] == []
    Payout.objects.filter(status="failed").update(failed_at=timezone.now() - timedelta(seconds=5))
    stripe_app.pay_out(2_000)
    hear("created")
    client.force_login(owner_of(sam))
    assert client.get("/dashboard/").context["problems"] == []
    with pytest.raises(NoLongerApplies):
        messages.payout_failed(mail, now=timezone.now())


def test_answers_that_are_read_out_of_order_change_nothing_back(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    account, now = ConnectedAccount.objects.get(account_id=SAM), timezone.now()
    payout_id = stripe_app.pay_out(2_000)
    (early,) = payouts.stripe_payouts.list_some(SAM, since=now - timedelta(hours=1))
    stripe_app.move_payout(payout_id, "paid")
    payouts.look_at(account, payout_id, now=now)
    assert payouts.note(account, [early], now=now) == 1
    assert rows() == [("paid", 2_000, "")]


def test_what_was_lost_is_found_by_events_by_the_sweep_and_at_night(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    now = timezone.now()
    first = stripe_app.pay_out(1_000)
    assert event_sweep.look_for_events(now=now) == 1
    for event in StripeEvent.objects.filter(done_at=None):
        work_on(event)
    assert rows() == [("pending", 1_000, "")]
    stripe_app.move_payout(first, "canceled")
    assert [payouts.look_for_payouts(now=now + timedelta(minutes=lap)) for lap in range(2)] == [1, 0]
    assert rows() == [("canceled", 1_000, "")]
    assert payouts.look_for_payouts(now=now + timedelta(hours=7)) == 0
    second = stripe_app.pay_out(500)
    (found,) = comparison.compare(SAM, now=now + timedelta(hours=1))
    assert (found.kind, found.object_id, found.at_stripe) == ("payout_unknown", second, "pending, 500 cents")
    row = Discrepancy.objects.get()
    assert repairs.take_over_payouts(row, now=now + timedelta(hours=1)) is True
    Payout.objects.filter(pk=second).update(amount_cents=400)
    (found,) = comparison.compare(SAM, now=now + timedelta(hours=1))
    assert (found.kind, found.in_our_rows) == ("payout_status", "pending, 400 cents")


def test_while_stripe_is_away_nothing_is_written_down(paid: Payment, stripe_app: StripeWorld) -> None:
    account = ConnectedAccount.objects.get(account_id=SAM)
    payout_id = stripe_app.pay_out(500)
    stripe_app.fault("GET /v1/payouts", status=500, times=0)
    with pytest.raises(StripeRefused):
        payouts.look_at(account, payout_id, now=timezone.now())
    assert payouts.look_for_payouts(now=timezone.now()) == 0
    assert rows() == []


def test_the_guide_to_going_live_names_every_event() -> None:
    guide = (Path(__file__).parents[2] / "deploy" / "README.md").read_text()
    assert [kind for kind in event_types.CONNECTED_ACCOUNTS if f"`{kind}`" not in guide] == []


def test_every_event_that_stripe_is_asked_for_has_its_rule() -> None:
    assert sorted(inbox.ON_EVENT) == sorted(event_types.EVERY)
