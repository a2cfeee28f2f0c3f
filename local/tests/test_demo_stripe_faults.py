"""Stripe in trouble: what the demo can be told to do wrong, and what that leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from local.testing.stripe_world import StripeWorld, wait_until

DEPOSIT: Any = {"amount": 5000, "currency": "aud"}
KEYED: Any = {"stripe_account": StripeWorld.account, "idempotency_key": "pp-pi-1"}
CREATE = "POST /v1/payment_intents$"


def test_a_reset_connection_did_nothing(stripe_world, stripe_client):
    stripe_world.fault(CREATE, reset=True)

    with pytest.raises(stripe.APIConnectionError):
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert stripe_world.intents() == []
    stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)


def test_a_lost_answer_was_carried_out_and_is_repeated_for_the_key(stripe_world, stripe_client):
    stripe_world.fault(CREATE, reset=True, after=True)
    with pytest.raises(stripe.APIConnectionError):
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    again = stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert [intent["id"] for intent in stripe_world.intents()] == [again.id]
    assert [request["replayed"] for request in stripe_world.requests(CREATE)] == [False, True]


def test_a_hanging_request_is_carried_out_after_the_client_has_left(stripe_world):
    addresses: Any = {"api": stripe_world.api_base}
    impatient = stripe.StripeClient(
        stripe_world.secret_key,
        base_addresses=addresses,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=0.3),
    )
    stripe_world.fault(CREATE, hang=2)
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.payment_intents.create(DEPOSIT, KEYED)
    assert stripe_world.intents() == []

    wait_until(lambda: len(stripe_world.intents()) == 1)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(500, stripe.APIError, None), (503, stripe.APIError, None), (429, stripe.RateLimitError, "rate_limit")],
)
def test_statuses_come_with_stripes_body(stripe_world, stripe_client, status, error, code):
    stripe_world.fault(CREATE, status=status)

    with pytest.raises(error) as refusal:
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert refusal.value.http_status == status
    assert getattr(refusal.value.error, "code", None) == code


def test_a_server_error_is_repeated_for_the_key_but_a_rate_limit_is_not(stripe_world, stripe_client):
    stripe_world.fault(CREATE, status=429)
    with pytest.raises(stripe.RateLimitError):
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
    stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    other: Any = {**KEYED, "idempotency_key": "pp-pi-2"}
    stripe_world.fault(CREATE, status=500)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            stripe_client.v1.payment_intents.create(DEPOSIT, other)

    assert len(stripe_world.intents()) == 1


def test_a_fault_meets_only_its_requests_and_only_so_often(stripe_world, stripe_client):
    stripe_world.fault("GET /v1/payment_intents", status=500, times=2)
    intents, joe = stripe_client.v1.payment_intents, {"stripe_account": stripe_world.account}
    intents.create(DEPOSIT, KEYED)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            intents.list(None, joe)

    assert len(intents.list(None, joe).data) == 1


def test_a_lasting_fault_ends_when_it_is_cleared(stripe_world, stripe_client):
    stripe_world.fault("/v1/balance", status=500, times=0)
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            stripe_client.v1.balance.retrieve()

    stripe_world.clear_faults()

    assert stripe_client.v1.balance.retrieve().object == "balance"


def test_requests_can_be_counted(stripe_world, stripe_client):
    stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
    stripe_client.v1.payment_intents.list(None, {"stripe_account": stripe_world.account})

    (created,) = stripe_world.requests(CREATE)

    assert (created["account"], created["idempotency_key"]) == (stripe_world.account, "pp-pi-1")
    assert (created["status"], created["replayed"], created["params"]["amount"]) == (200, False, "5000")
    assert len(stripe_world.requests()) == 2


def test_no_card_number_is_ever_logged(stripe_world, stripe_client):
    intent = stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
    stripe_world.pay(intent.client_secret)

    assert "4242424242424242" not in str(stripe_world.requests())


def test_clearing_the_faults_lets_hanging_requests_go_on(stripe_world, stripe_client):
    stripe_world.fault(CREATE, hang=30)
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(stripe_client.v1.payment_intents.create, DEPOSIT, KEYED)
        wait_until(lambda: stripe_world.requests(CREATE))

        stripe_world.clear_faults()

        assert hanging.result(timeout=5).status == "requires_payment_method"


def test_a_reset_drops_hanging_requests(stripe_world, stripe_client):
    stripe_world.fault(CREATE, hang=30)
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(stripe_client.v1.payment_intents.create, DEPOSIT, KEYED)
        wait_until(lambda: stripe_world.requests(CREATE))

        stripe_world.reset()

        with pytest.raises(stripe.APIConnectionError):
            hanging.result(timeout=5)
    assert stripe_world.intents() == []


def test_stripe_js_can_be_away_too(stripe_world):
    stripe_world.fault("GET /stripe.js", status=503)

    assert requests.get(stripe_world.js_url, timeout=5).status_code == 503
    assert requests.get(stripe_world.js_url, timeout=5).ok


def test_a_server_error_is_kept_for_the_key_even_if_the_request_was_carried_out(stripe_world, stripe_client):
    stripe_world.fault(CREATE, status=500, after=True)
    for replayed in (None, "true"):
        with pytest.raises(stripe.APIError) as refusal:
            stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
        assert refusal.value.http_status == 500
        assert refusal.value.headers.get("Idempotent-Replayed") == replayed

    assert len(stripe_world.intents()) == 1


def test_trouble_while_an_answer_is_repeated_does_not_replace_it(stripe_world, stripe_client):
    first = stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
    stripe_world.fault(CREATE, status=500)
    with pytest.raises(stripe.APIError):
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert stripe_client.v1.payment_intents.create(DEPOSIT, KEYED).id == first.id


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", [0, 502])
def test_a_page_comes_from_elsewhere_and_is_kept_for_no_key(stripe_world, stripe_client, status, after):
    stripe_world.fault(CREATE, page=True, status=status, after=after)
    with pytest.raises(stripe.APIError) as refusal:
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert (refusal.value.http_status, refusal.value.request_id) == (status or 200, None)
    assert len(stripe_world.intents()) == after
    stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
    assert len(stripe_world.intents()) == 1


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(401, stripe.AuthenticationError, None), (409, stripe.APIError, "idempotency_key_in_use")],
)
def test_a_request_that_never_began_uses_up_no_key(stripe_world, stripe_client, status, error, code):
    stripe_world.fault(CREATE, status=status)
    with pytest.raises(error) as refusal:
        stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)

    assert (refusal.value.http_status, refusal.value.error.code if code else None) == (status, code)
    stripe_client.v1.payment_intents.create(DEPOSIT, KEYED)
