"""The demo's PaymentIntents, driven with Stripe's own library."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from local.testing.stripe_world import StripeWorld

JOE = {"stripe_account": StripeWorld.account}
ALEX = {"stripe_account": StripeWorld.other_account}
DEPOSIT: Any = {
    "amount": 5000,
    "currency": "aud",
    "application_fee_amount": 125,
    "allowed_payment_method_types": ["card"],
    "description": "Deposit for Blocked drain",
    "metadata": {"payment_id": "p1", "booking_id": "b1"},
}


def deposit(client: stripe.StripeClient, **changes: Any) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({**DEPOSIT, **changes}, JOE)


def test_a_new_intent_waits_for_a_payment_method(stripe_client):
    intent = deposit(stripe_client)

    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert (intent.amount, intent.currency, intent.application_fee_amount) == (5000, "aud", 125)
    assert intent.payment_method_types == ["card"]
    assert intent.metadata["booking_id"] == "b1"
    assert intent.latest_charge is None


def test_a_paid_intent_shows_its_charge_and_the_fee(stripe_world, stripe_client):
    intent = deposit(stripe_client)
    assert stripe_world.pay(intent.client_secret)["status"] == "succeeded"

    paths = ["latest_charge.application_fee", "latest_charge.balance_transaction", "payment_method"]
    paid = stripe_client.v1.payment_intents.retrieve(intent.id, {"expand": paths}, JOE)

    assert (paid.status, paid.amount_received) == ("succeeded", 5000)
    assert paid.latest_charge.application_fee.amount == 125
    assert (
        paid.latest_charge.balance_transaction.net == 5000 - 125 - 115
    )  # fee, and 1.7 % + 30 c for the card
    assert paid.payment_method.card.last4 == "4242"


def test_the_fee_reaches_the_platform_and_the_rest_the_tradie(stripe_world, stripe_client):
    intent = deposit(stripe_client)
    stripe_world.pay(intent.client_secret)

    fees = stripe_client.v1.application_fees.list({"created": {"gte": intent.created}})

    assert [(fee.amount, fee.account) for fee in fees.data] == [(125, stripe_world.account)]
    assert stripe_client.v1.balance.retrieve(None, JOE).pending[0].amount == 5000 - 125 - 115
    assert stripe_client.v1.balance.retrieve().pending[0].amount == 125


def test_an_intent_is_invisible_to_another_account(stripe_client):
    intent = deposit(stripe_client)

    for options in (ALEX, None):
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent") as refusal:
            stripe_client.v1.payment_intents.retrieve(intent.id, None, options)
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_intents_are_listed_newest_first_page_by_page(stripe_client):
    made = [deposit(stripe_client, amount=1000 + number).id for number in range(5)]
    newest_first = made[::-1]

    page = stripe_client.v1.payment_intents.list({"limit": 2}, JOE)
    rest = stripe_client.v1.payment_intents.list({"limit": 3, "starting_after": page.data[-1].id}, JOE)
    back = stripe_client.v1.payment_intents.list({"limit": 2, "ending_before": rest.data[0].id}, JOE)

    assert [intent.id for intent in page.data] == newest_first[:2]
    assert page.has_more
    assert [intent.id for intent in rest.data] == newest_first[2:]
    assert not rest.has_more
    assert [intent.id for intent in back.data] == newest_first[:2]
    assert [intent.id for intent in page.auto_paging_iter()] == newest_first
    assert stripe_client.v1.payment_intents.list(None, ALEX).data == []


def test_a_list_is_limited_to_a_period(stripe_client):
    intent = deposit(stripe_client)
    intents = stripe_client.v1.payment_intents

    assert len(intents.list({"created": {"gte": intent.created, "lte": intent.created + 60}}, JOE).data) == 1
    assert intents.list({"created": {"lt": intent.created}}, JOE).data == []


def test_a_canceled_intent_can_no_longer_be_paid(stripe_world, stripe_client):
    intent = deposit(stripe_client)

    canceled = stripe_client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}, JOE)

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    error = stripe_world.pay(intent.client_secret)["error"]
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "canceled"


def test_a_paid_intent_refuses_to_be_canceled_and_says_why(stripe_world, stripe_client):
    intent = deposit(stripe_client)
    stripe_world.pay(intent.client_secret)

    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded") as refusal:
        stripe_client.v1.payment_intents.cancel(intent.id, None, JOE)

    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent["status"] == "succeeded"


def test_manual_capture_holds_the_money_until_it_is_taken(stripe_world, stripe_client):
    intent = deposit(stripe_client, capture_method="manual")
    assert stripe_world.pay(intent.client_secret)["status"] == "requires_capture"
    assert stripe_client.v1.payment_intents.retrieve(intent.id, None, JOE).amount_capturable == 5000
    assert stripe_client.v1.balance.retrieve(None, JOE).pending[0].amount == 0

    captured = stripe_client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4000}, JOE)

    assert (captured.status, captured.amount_received) == ("succeeded", 4000)


def test_an_authorised_intent_can_be_canceled_and_releases_the_money(stripe_world, stripe_client):
    intent = deposit(stripe_client, capture_method="manual")
    stripe_world.pay(intent.client_secret)

    assert stripe_client.v1.payment_intents.cancel(intent.id, None, JOE).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        stripe_client.v1.payment_intents.capture(intent.id, None, JOE)


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"amount": 49}, "amount", "amount_too_small"),
        ({"amount": 0}, "amount", "parameter_invalid_integer"),
        ({"amount": 5000, "application_fee_amount": 5000}, "application_fee_amount", None),
        ({"application_fee_amount": 0}, "application_fee_amount", "parameter_invalid_integer"),
        ({"currency": "xxx"}, "currency", None),
        ({"metadata": {"k" * 41: "x"}}, f"metadata[{'k' * 40}]", None),
    ],
)
def test_wrong_parameters_are_refused_by_name(stripe_client, changes, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        deposit(stripe_client, **changes)

    assert (refusal.value.http_status, refusal.value.param, refusal.value.code) == (400, param, code)


def test_the_parameters_that_this_release_dropped_are_refused(stripe_world, stripe_client):
    for name in ("payment_method_types", "colour"):
        with pytest.raises(stripe.InvalidRequestError, match=f"unknown parameter: {name}") as refusal:
            deposit(stripe_client, **{name: ["card"]})
        assert refusal.value.code == "parameter_unknown"
    assert [violation.split(": ")[-1] for violation in stripe_world.violations] == [
        "Additional properties are not allowed ('payment_method_types' was unexpected)",
        "Additional properties are not allowed ('colour' was unexpected)",
    ]
    stripe_world.forget_exchanges()


def test_a_fee_needs_a_connected_account(stripe_client):
    with pytest.raises(stripe.InvalidRequestError, match="application_fee_amount"):
        stripe_client.v1.payment_intents.create(DEPOSIT)


def test_an_account_without_card_payments_can_charge_nothing(stripe_world, stripe_client):
    stripe_world.set_account(stripe_world.account, "restricted")

    with pytest.raises(stripe.PermissionError, match="card_payments"):
        deposit(stripe_client)


def test_an_unknown_expansion_is_refused(stripe_client):
    intent = deposit(stripe_client)

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stripe_client.v1.payment_intents.retrieve(intent.id, {"expand": ["flowers"]}, JOE)
