"""Stripe hangs while customers book: they are told soon, others are not held up, and nobody is charged for nothing."""

from __future__ import annotations

import time
import uuid
from functools import partial

import pytest

from local.testing.crowd import all_at_once

from .conftest import Town, all_in_the_error_shape

pytestmark = pytest.mark.slow


def test_a_hanging_stripe_delays_nobody_else_and_costs_no_money(town: Town) -> None:
    keys = [str(uuid.uuid4()) for _ in range(10)]
    starts = [town.free.pop() for _ in keys]
    tap = town.shop.service("Leaking tap")
    wishes = [
        partial(town.shop.book, tap, start, idempotency_key=key)
        for start, key in zip(starts, keys, strict=True)
    ]
    before = len(town.stripe.intents())
    town.stripe.fault("/v1/payment_intents", hang=20, times=0)
    with town.traffic(town.quote) as others:
        refused = all_at_once(wishes)
    assert {(answer.status, answer.code) for answer in refused} == {(503, "PAYMENT_PROVIDER_UNAVAILABLE")}
    assert all_in_the_error_shape(refused)
    assert all(answer.headers["retry-after"].isdigit() for answer in refused)
    assert max(answer.seconds for answer in refused) <= 6.5
    assert {answer.status for answer in others} == {201}
    assert (
        sorted(answer.seconds for answer in others)[len(others) // 2] < 1
    )  # the rest of the site does not hang
    assert (town.health("/all").status, len(others) > 10) == (200, True)

    town.stripe.clear_faults()
    booked = all_at_once(wishes)  # the very same requests
    assert {answer.status for answer in booked} == {201}
    for answer in booked:
        assert town.stripe.pay(answer.body["payment"]["client_secret"])["status"] == "succeeded"
    town.wait_confirmed([answer.body["booking"]["id"] for answer in booked])
    assert nothing_is_left_open(town, before)


def nothing_is_left_open(town: Town, before: int) -> bool:
    """What Stripe made of the calls that we had given up is found and closed by the sweep of payments."""
    time.sleep(1)
    town.sweep_payments()
    intents = town.stripe.intents()[before:]
    paid = [intent for intent in intents if intent["status"] == "succeeded"]
    assert len(paid) == len({intent["metadata"]["booking_id"] for intent in paid}) == 10
    return {intent["status"] for intent in intents} <= {"succeeded", "canceled"}


def test_a_customer_who_has_paid_while_stripe_cannot_be_asked_is_told_to_wait_and_confirmed_later(
    town: Town,
) -> None:
    held = town.tap()
    town.stripe.webhooks("drop")
    town.stripe.pay(held.body["payment"]["client_secret"])
    town.stripe.fault("GET /v1/payment_intents", status=500, times=0)
    answer = town.shop.change(held, {"status": "confirmed"})
    assert (answer.status, answer.code) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    town.stripe.clear_faults()
    assert town.shop.change(held, {"status": "confirmed"}).body["status"] == "confirmed"
