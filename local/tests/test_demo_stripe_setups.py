"""The demo's SetupIntents, driven with Stripe's own library: a card is kept while nothing is paid."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .test_demo_stripe_customers import OFF_SESSION
from .test_demo_stripe_intents import ALEX, JOE, deposit

GOOD, DECLINED, ALWAYS_ASKS = "4242424242424242", "4000000000000002", "4000002760003184"


def setup(client: stripe.StripeClient, **changes: Any) -> Any:
    customer = client.v1.customers.create({"description": "Booking PP-1"}, JOE)
    wanted: Any = {
        "customer": customer.id,
        "usage": "off_session",
        "allowed_payment_method_types": ["card"],
        "metadata": {"consent_id": "1"},
    }
    return client.v1.setup_intents.create(wanted | changes, JOE)


def test_a_card_is_kept_with_its_customer_and_charged_later(stripe_world, stripe_client):
    intent = setup(stripe_client)
    assert (intent.status, intent.usage, intent.payment_method) == (
        "requires_payment_method",
        "off_session",
        None,
    )
    assert stripe_world.pay(intent.client_secret)["status"] == "succeeded"
    kept = stripe_client.v1.setup_intents.retrieve(intent.id, None, JOE)
    (method,) = stripe_client.v1.customers.payment_methods.list(intent.customer, {}, JOE).data
    assert (kept.status, kept.payment_method) == ("succeeded", method.id)
    card_of = {"customer": intent.customer, "payment_method": method.id}
    assert deposit(stripe_client, **card_of, **OFF_SESSION).status == "succeeded"
    types = [event["type"] for event in stripe_world.events()]
    assert {"setup_intent.created", "setup_intent.succeeded", "payment_method.attached"} <= set(types)


def test_a_bank_that_asks_is_passed_or_failed(stripe_world, stripe_client):
    intent = setup(stripe_client)
    assert stripe_world.pay(intent.client_secret, card=ALWAYS_ASKS)["status"] == "requires_action"
    failed = stripe_world.authenticate(intent.client_secret, False)
    assert failed["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    assert stripe_world.saved_cards() == []
    assert stripe_world.pay(intent.client_secret, card=ALWAYS_ASKS)["status"] == "requires_action"
    assert stripe_world.authenticate(intent.client_secret, True)["status"] == "succeeded"
    assert len(stripe_world.saved_cards()) == 1


def test_a_declined_card_is_not_kept_and_another_may_be(stripe_world, stripe_client):
    intent = setup(stripe_client)
    error = stripe_world.pay(intent.client_secret, card=DECLINED)["error"]
    assert (error["code"], error["setup_intent"]["status"]) == ("card_declined", "requires_payment_method")
    assert stripe_world.saved_cards() == []
    assert stripe_world.pay(intent.client_secret)["status"] == "succeeded"


def test_once_called_off_no_card_is_taken(stripe_world, stripe_client):
    intent = setup(stripe_client)
    gone = stripe_client.v1.setup_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}, JOE)
    assert gone.status == "canceled"
    assert stripe_world.pay(intent.client_secret)["error"]["code"] == "setup_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.setup_intents.cancel(intent.id, None, JOE)
    assert refused.value.code == "setup_intent_unexpected_state"


def test_it_is_its_accounts_alone_and_needs_its_secret(stripe_world, stripe_client):
    intent = setup(stripe_client)
    with pytest.raises(stripe.InvalidRequestError, match="No such setupintent"):
        stripe_client.v1.setup_intents.retrieve(intent.id, None, ALEX)
    assert "does not match" in stripe_world.pay(f"{intent.id}_secret_guess")["error"]["message"]
