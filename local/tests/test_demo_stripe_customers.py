"""The demo's customers and the cards saved with them, driven with Stripe's own library."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .test_demo_stripe_intents import ALEX, JOE, deposit

GOOD, ASKS_ONCE, ALWAYS_ASKS = "4242424242424242", "4000003800000446", "4000002760003184"
OFF_SESSION: Any = {"off_session": True, "confirm": True}


def saved(world: Any, client: stripe.StripeClient, card: str = GOOD) -> dict[str, str]:
    """A card that was paid with and kept: {"customer", "payment_method"}."""
    customer = client.v1.customers.create({"description": "Booking PP-1"}, JOE)
    intent = deposit(client)
    changes: Any = {"customer": customer.id, "setup_future_usage": "off_session"}
    client.v1.payment_intents.update(intent.id, changes, JOE)
    if world.pay(intent.client_secret, card=card)["status"] == "requires_action":
        world.authenticate(intent.client_secret, True)
    (method,) = client.v1.customers.payment_methods.list(customer.id, {}, JOE).data
    return {"customer": customer.id, "payment_method": method.id}


@pytest.mark.parametrize("card", [GOOD, ASKS_ONCE])
def test_a_card_that_was_saved_is_charged_while_nobody_is_there(stripe_world, stripe_client, card):
    card_of = saved(stripe_world, stripe_client, card)
    for _ in range(2):
        assert deposit(stripe_client, **card_of, **OFF_SESSION).status == "succeeded"


def test_a_bank_that_always_asks_refuses_then_and_the_intent_stays_payable(stripe_world, stripe_client):
    card_of = saved(stripe_world, stripe_client, ALWAYS_ASKS)
    with pytest.raises(stripe.CardError) as refused:
        deposit(stripe_client, **card_of, **OFF_SESSION)
    assert (refused.value.http_status, refused.value.code) == (402, "authentication_required")
    intent = stripe_world.intents()[-1]
    assert (intent["status"], intent["last_payment_error"]["code"]) == (
        "requires_payment_method",
        "authentication_required",
    )
    assert stripe_world.pay(intent["client_secret"], card=ALWAYS_ASKS)["status"] == "requires_action"
    assert stripe_world.authenticate(intent["client_secret"], True)["status"] == "succeeded"


def test_a_saved_card_whose_bank_changes_its_mind(stripe_world, stripe_client):
    card_of = saved(stripe_world, stripe_client)
    stripe_world.change_saved_card(card_of["payment_method"], "4000000000000002")
    with pytest.raises(stripe.CardError) as refused:
        deposit(stripe_client, **card_of, **OFF_SESSION)
    assert refused.value.code == "card_declined"


def test_a_deleted_customer_takes_its_cards_along(stripe_world, stripe_client):
    card_of = saved(stripe_world, stripe_client)
    assert stripe_client.v1.customers.delete(card_of["customer"], None, JOE).deleted is True
    assert stripe_client.v1.customers.retrieve(card_of["customer"], None, JOE).deleted is True
    assert stripe_world.saved_cards() == []
    again: list[Any] = [
        lambda: stripe_client.v1.customers.delete(card_of["customer"], None, JOE),
        lambda: deposit(stripe_client, **card_of, **OFF_SESSION),
    ]
    for call in again:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call()
        assert refused.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        deposit(stripe_client, payment_method=card_of["payment_method"], confirm=True)


def test_without_consent_no_card_is_kept(stripe_world, stripe_client):
    customer = stripe_client.v1.customers.create({}, JOE)
    intent = deposit(stripe_client, customer=customer.id, setup_future_usage="off_session")
    stripe_client.v1.payment_intents.update(intent.id, {"setup_future_usage": ""}, JOE)
    stripe_world.pay(intent.client_secret)
    assert stripe_world.saved_cards() == []


def test_a_detached_card_is_kept_no_more(stripe_world, stripe_client):
    card_of = saved(stripe_world, stripe_client)
    assert stripe_client.v1.payment_methods.detach(card_of["payment_method"], None, JOE).customer is None
    assert stripe_client.v1.customers.payment_methods.list(card_of["customer"], {}, JOE).data == []


def test_another_account_knows_nothing_of_them(stripe_world, stripe_client):
    card_of = saved(stripe_world, stripe_client)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        stripe_client.v1.customers.retrieve(card_of["customer"], None, ALEX)


def test_a_settled_intent_is_changed_no_more(stripe_world, stripe_client):
    intent = deposit(stripe_client)
    stripe_world.pay(intent.client_secret)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.payment_intents.update(intent.id, {"setup_future_usage": "off_session"}, JOE)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_only_what_is_confirmed_at_once_can_be_without_its_holder(stripe_client):
    with pytest.raises(stripe.InvalidRequestError, match="confirm is true"):
        deposit(stripe_client, off_session=True)
