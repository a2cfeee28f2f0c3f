"""Idempotency keys: the same answer again, a mismatch refused, two at once refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import stripe

from local.testing.stripe_world import StripeWorld, wait_until

DEPOSIT: Any = {"amount": 5000, "currency": "aud"}


def keyed(key: str, account: str = StripeWorld.account) -> Any:
    return {"stripe_account": account, "idempotency_key": key}


def test_the_same_key_repeats_the_first_answer(stripe_world, stripe_client):
    first = stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))
    stripe_world.pay(first.client_secret)
    again = stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))

    assert (again.id, again.status) == (first.id, "requires_payment_method")
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(stripe_world.intents()) == 1


def test_a_key_belongs_to_its_account(stripe_world, stripe_client):
    for account in (stripe_world.account, stripe_world.other_account):
        stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1", account))

    assert len(stripe_world.intents()) == 2


@pytest.mark.parametrize("other", [{**DEPOSIT, "amount": 6000}, {**DEPOSIT, "description": "other"}])
def test_other_parameters_under_the_same_key_are_refused(stripe_client, other):
    stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refusal:
        stripe_client.v1.payment_intents.create(other, keyed("pp-pi-1"))

    assert refusal.value.http_status == 400


def test_another_address_under_the_same_key_is_refused(stripe_client):
    intent = stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        stripe_client.v1.payment_intents.cancel(intent.id, None, keyed("pp-pi-1"))


def test_a_refusal_of_the_parameters_does_not_use_up_the_key(stripe_client):
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.payment_intents.create({**DEPOSIT, "amount": 10}, keyed("pp-pi-1"))

    assert stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1")).amount == 5000


def test_a_key_in_use_is_a_conflict(stripe_world, stripe_client):
    stripe_world.fault("POST /v1/payment_intents$", hang=30)
    made: list[stripe.PaymentIntent] = []
    slow = threading.Thread(
        target=lambda: made.append(stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1")))
    )
    slow.start()
    wait_until(lambda: stripe_world.requests("POST /v1/payment_intents"))

    with pytest.raises(stripe.StripeError) as refusal:
        stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))
    stripe_world.clear_faults()
    slow.join()

    assert (refusal.value.http_status, refusal.value.error.code) == (409, "idempotency_key_in_use")
    assert [intent["id"] for intent in stripe_world.intents()] == [made[0].id]


def test_a_key_outlives_a_killed_process(stripe_world, stripe_client):
    first = stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1"))

    stripe_world.restart()

    assert stripe_client.v1.payment_intents.create(DEPOSIT, keyed("pp-pi-1")).id == first.id
