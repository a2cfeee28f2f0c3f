"""What each test card does, as the customer's browser and the tradie's account see it."""

from __future__ import annotations

import pytest
import stripe

from local.testing.stripe_world import StripeWorld

JOE = {"stripe_account": StripeWorld.account}


@pytest.fixture
def intent(stripe_client: stripe.StripeClient) -> stripe.PaymentIntent:
    return stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, JOE)


def event_types(world: StripeWorld) -> list[str]:
    return [event["type"] for event in world.events(world.account)]


def test_a_good_card_pays_and_says_so_in_order(stripe_world, intent):
    stripe_world.pay(intent.client_secret)

    assert event_types(stripe_world) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", None),
    ],
)
def test_a_declined_card_leaves_the_intent_payable(
    stripe_world, stripe_client, intent, card, code, decline_code
):
    error = stripe_world.pay(intent.client_secret, card=card)["error"]

    assert (error["type"], error["code"], error.get("decline_code")) == ("card_error", code, decline_code)
    assert error["payment_intent"]["status"] == "requires_payment_method"
    after = stripe_client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}, JOE)
    assert after.last_payment_error.code == code
    assert (after.latest_charge.status, after.latest_charge.paid) == ("failed", False)
    assert event_types(stripe_world)[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert stripe_world.pay(intent.client_secret)["status"] == "succeeded"


def test_a_passed_challenge_pays(stripe_world, intent):
    asked = stripe_world.pay(intent.client_secret, card="4000002500003155")
    assert asked["status"] == "requires_action"
    assert asked["next_action"]["type"] == "use_stripe_sdk"

    assert stripe_world.authenticate(intent.client_secret, passed=True)["status"] == "succeeded"
    assert "payment_intent.requires_action" in event_types(stripe_world)


def test_a_failed_challenge_charges_nothing(stripe_world, stripe_client, intent):
    stripe_world.pay(intent.client_secret, card="4000002760003184")

    stripe_world.authenticate(intent.client_secret, passed=False)

    after = stripe_client.v1.payment_intents.retrieve(intent.id, None, JOE)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert after.latest_charge is None


def test_a_challenge_that_was_left_open_can_be_canceled(stripe_world, stripe_client, intent):
    stripe_world.pay(intent.client_secret, card="4000002760003184")

    assert stripe_client.v1.payment_intents.cancel(intent.id, None, JOE).status == "canceled"
    error = stripe_world.authenticate(intent.client_secret, passed=True)["error"]
    assert error["code"] == "payment_intent_unexpected_state"


def test_a_disputed_card_pays_first(stripe_world, stripe_client, intent):
    assert stripe_world.pay(intent.client_secret, card="4000000000000259")["status"] == "succeeded"

    assert event_types(stripe_world)[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        stripe_client.v1.refunds.create({"payment_intent": intent.id}, JOE)


def test_paying_twice_is_refused(stripe_world, intent):
    stripe_world.pay(intent.client_secret)

    error = stripe_world.pay(intent.client_secret)["error"]

    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "succeeded"
    assert event_types(stripe_world).count("charge.succeeded") == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("number", "4242424242424241", "invalid_number"),
        ("number", "4111111111111111", "card_declined"),
        ("exp_month", "13", "invalid_expiry_month"),
        ("exp_year", "2020", "invalid_expiry_year"),
        ("cvc", "", "invalid_cvc"),
    ],
)
def test_bad_card_data_is_refused(stripe_world, intent, field, value, code):
    answer = stripe_world.pay(intent.client_secret, **{f"payment_method_data[card][{field}]": value})

    assert answer["error"]["code"] == code


def test_a_browser_sees_nothing_of_the_tradies(stripe_world, intent):
    paid = stripe_world.pay(intent.client_secret)

    assert not {"metadata", "application_fee_amount", "latest_charge"} & set(paid)


def test_a_client_secret_opens_only_its_own_intent(stripe_world, stripe_client, intent):
    other = stripe_client.v1.payment_intents.create({"amount": 6000, "currency": "aud"}, JOE)

    wrong = stripe_world.pay(f"{intent.id}_secret_{other.client_secret.split('_')[-1]}")
    elsewhere = stripe_world.pay(intent.client_secret, account=stripe_world.other_account)

    assert wrong["error"]["code"] == "payment_intent_invalid_parameter"
    assert elsewhere["error"]["code"] == "resource_missing"
