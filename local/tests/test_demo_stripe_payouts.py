"""Payouts on the demo, as Stripe has them: from the balance to the bank, and back."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from local.testing.stripe_world import StripeWorld

JOE: Any = {"stripe_account": StripeWorld.account}


@pytest.fixture
def funds(stripe_world: StripeWorld, stripe_client: stripe.StripeClient) -> int:
    """What is in Joe's balance."""
    intent = stripe_client.v1.payment_intents.create({"amount": 5_000, "currency": "aud"}, JOE)
    stripe_world.pay(intent.client_secret)
    return stripe_world.balance_cents()


def test_it_leaves_the_balance_and_arrives(stripe_world, stripe_client, funds) -> None:
    payout = stripe_client.v1.payouts.create({"amount": 2_000, "currency": "aud"}, JOE)
    assert (payout.status, payout.automatic, payout.arrival_date % 86_400) == ("pending", False, 0)
    assert stripe_world.balance_cents() == funds - 2_000
    moved = stripe_client.v1.balance_transactions.list({"expand": ["data.source"]}, JOE).data[0]
    assert (moved.type, moved.net, moved.source.id) == ("payout", -2_000, payout.id)
    for status in ("in_transit", "paid"):
        stripe_world.move_payout(payout.id, status)
        assert stripe_client.v1.payouts.retrieve(payout.id, None, JOE).status == status
    events = [event["type"] for event in stripe_world.events() if event["type"].startswith("payout.")]
    assert events == ["payout.created", "payout.updated", "payout.paid", "payout.updated"]


@pytest.mark.parametrize(("status", "sort"), [("failed", "payout_failure"), ("canceled", "payout_cancel")])
def test_what_comes_back_is_in_the_balance_again(stripe_world, stripe_client, funds, status, sort) -> None:
    payout_id = stripe_world.pay_out(2_000)
    stripe_world.move_payout(payout_id, status)
    (payout,) = stripe_client.v1.payouts.list({"limit": 10}, JOE).data
    assert (payout.id, payout.status, payout.automatic) == (payout_id, status, True)
    assert payout.failure_code == ("no_account" if status == "failed" else None)
    assert stripe_client.v1.balance_transactions.list(None, JOE).data[0].type == sort
    assert stripe_world.balance_cents() == funds


def test_an_instant_one_is_there_at_once_and_no_more_goes_than_there_is(stripe_client, funds) -> None:
    asked: Any = {"amount": funds, "currency": "aud", "method": "instant"}
    assert stripe_client.v1.payouts.create(asked, JOE).status == "paid"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.payouts.create({"amount": 1, "currency": "aud"}, JOE)
    assert refusal.value.code == "balance_insufficient"
