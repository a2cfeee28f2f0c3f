"""Refunds on the demo: in part, in full, with the fee, too much, and one that fails afterwards."""

from __future__ import annotations

import pytest
import stripe

from local.testing.stripe_world import StripeWorld, wait_until

JOE = {"stripe_account": StripeWorld.account}


@pytest.fixture
def paid(stripe_world: StripeWorld, stripe_client: stripe.StripeClient) -> stripe.PaymentIntent:
    intent = stripe_client.v1.payment_intents.create(
        {"amount": 5000, "currency": "aud", "application_fee_amount": 125}, JOE
    )
    stripe_world.pay(intent.client_secret)
    return stripe_client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}, JOE)


def test_a_full_refund_returns_deposit_and_fee(stripe_world, stripe_client, paid):
    refund = stripe_client.v1.refunds.create(
        {"payment_intent": paid.id, "refund_application_fee": True, "metadata": {"refund_id": "r1"}}, JOE
    )

    charge = stripe_client.v1.charges.retrieve(refund.charge, {"expand": ["refunds", "application_fee"]}, JOE)
    assert (refund.amount, refund.status, refund.metadata["refund_id"]) == (5000, "succeeded", "r1")
    assert (charge.refunded, charge.amount_refunded) == (True, 5000)
    assert [known.id for known in charge.refunds.data] == [refund.id]
    assert charge.application_fee.refunded
    assert stripe_client.v1.balance.retrieve().pending[0].amount == 0
    types = [event["type"] for event in stripe_world.events()]
    assert {"refund.created", "charge.refunded", "application_fee.refunded"} <= set(types)


def test_partial_refunds_add_up_and_share_the_fee(stripe_client, paid):
    params = {"payment_intent": paid.id, "refund_application_fee": True}
    for amount in (1001, 1001):
        stripe_client.v1.refunds.create({**params, "amount": amount}, JOE)
    stripe_client.v1.refunds.create(params, JOE)

    charge = stripe_client.v1.charges.retrieve(paid.latest_charge.id, {"expand": ["application_fee"]}, JOE)
    listed = stripe_client.v1.refunds.list({"payment_intent": paid.id}, JOE)
    assert [refund.amount for refund in listed.data] == [2998, 1001, 1001]
    assert [refund.amount for refund in charge.application_fee.refunds.data] == [75, 25, 25]
    assert charge.refunded


def test_the_fee_stays_unless_asked_for(stripe_client, paid):
    stripe_client.v1.refunds.create({"charge": paid.latest_charge.id}, JOE)

    assert stripe_client.v1.balance.retrieve().pending[0].amount == 125


def test_more_than_is_left_is_refused(stripe_client, paid):
    stripe_client.v1.refunds.create({"payment_intent": paid.id, "amount": 4000}, JOE)

    with pytest.raises(
        stripe.InvalidRequestError, match=r"\$10.01.*greater than unrefunded.*\$10.00"
    ) as refusal:
        stripe_client.v1.refunds.create({"payment_intent": paid.id, "amount": 1001}, JOE)

    assert refusal.value.param == "amount"


def test_a_refunded_charge_is_not_refunded_again(stripe_client, paid):
    stripe_client.v1.refunds.create({"payment_intent": paid.id}, JOE)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.refunds.create({"payment_intent": paid.id}, JOE)

    assert refusal.value.code == "charge_already_refunded"


def test_an_unpaid_intent_has_nothing_to_refund(stripe_client):
    intent = stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, JOE)

    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stripe_client.v1.refunds.create({"payment_intent": intent.id}, JOE)


def test_a_refund_without_a_fee_cannot_give_one_back(stripe_world, stripe_client):
    intent = stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, JOE)
    stripe_world.pay(intent.client_secret)

    with pytest.raises(stripe.InvalidRequestError, match="no application fee"):
        stripe_client.v1.refunds.create({"payment_intent": intent.id, "refund_application_fee": True}, JOE)
    assert stripe_client.v1.refunds.list(None, JOE).data == []


def test_a_refund_can_fail_after_it_had_succeeded(stripe_world, stripe_client):
    intent = stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, JOE)
    stripe_world.pay(intent.client_secret, card="4000000000005126")
    refund = stripe_client.v1.refunds.create({"payment_intent": intent.id}, JOE)
    assert refund.status == "succeeded"

    def failed() -> stripe.Refund | None:
        now = stripe_client.v1.refunds.retrieve(refund.id, None, JOE)
        return now if now.status == "failed" else None

    assert wait_until(failed).failure_reason == "expired_or_canceled_card"
    assert stripe_world.events()[-2]["type"] == "refund.failed"
    charge = stripe_client.v1.charges.retrieve(refund.charge, None, JOE)
    assert (charge.refunded, charge.amount_refunded) == (False, 0)


def test_while_the_balance_is_too_low_a_refund_waits_or_is_refused(stripe_world, stripe_client, paid):
    stripe_world.set_balance("waits")
    refund = stripe_client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000}, JOE)
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    stripe_world.set_balance("refuses")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000}, JOE)
    assert refused.value.code == "insufficient_funds"

    stripe_world.set_balance("enough")
    assert stripe_client.v1.refunds.retrieve(refund.id, None, JOE).status == "succeeded"
    assert "refund.updated" in [event["type"] for event in stripe_world.events()]


def test_a_refund_fails_when_it_is_told_to(stripe_world, stripe_client, paid):
    refund = stripe_client.v1.refunds.create({"payment_intent": paid.id}, JOE)
    stripe_world.fail_refund(refund.id)
    assert stripe_client.v1.refunds.retrieve(refund.id, None, JOE).status == "failed"
    assert "refund.failed" in [event["type"] for event in stripe_world.events()]
