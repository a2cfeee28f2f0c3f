"""Disputes as Stripe has them: opened by a bank, answered once or given up, decided."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from local.testing.stripe_world import StripeWorld

JOE: Any = {"stripe_account": StripeWorld.account}


@pytest.fixture
def dispute_id(stripe_world: StripeWorld, stripe_client: stripe.StripeClient) -> str:
    intent = stripe_client.v1.payment_intents.create(
        {"amount": 3_000, "currency": "aud", "allowed_payment_method_types": ["card"]}, JOE
    )
    stripe_world.pay(intent.client_secret)
    return stripe_world.dispute(intent.id)


def net(stripe_client: stripe.StripeClient) -> int:
    return stripe_client.v1.balance.retrieve(None, JOE).pending[0].amount


def test_a_bank_takes_the_money_until_it_decides(stripe_world, stripe_client, dispute_id) -> None:
    before = net(stripe_client)
    dispute = stripe_client.v1.disputes.retrieve(dispute_id, None, JOE)
    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 3_000, False)
    stripe_world.decide(dispute_id, "won")
    assert stripe_client.v1.disputes.retrieve(dispute_id, None, JOE).status == "won"
    assert net(stripe_client) == before + 3_000
    last = [event["type"] for event in stripe_world.events()][-2:]
    assert last == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_evidence_is_sent_once(stripe_world, stripe_client, dispute_id) -> None:
    evidence: Any = {"evidence": {"uncategorized_text": "They were there."}}
    kept = stripe_client.v1.disputes.update(dispute_id, {**evidence, "submit": False}, JOE)
    assert (kept.status, kept.evidence_details.submission_count) == ("needs_response", 0)
    sent = stripe_client.v1.disputes.update(dispute_id, evidence, JOE)
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.disputes.update(dispute_id, evidence, JOE)


def test_a_business_may_give_in(stripe_world, stripe_client, dispute_id) -> None:
    assert stripe_client.v1.disputes.close(dispute_id, None, JOE).status == "lost"
    (listed,) = stripe_client.v1.disputes.list({"limit": 10}, JOE).data
    assert (listed.id, listed.status) == (dispute_id, "lost")
