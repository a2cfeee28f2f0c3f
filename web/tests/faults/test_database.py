"""PostgreSQL restarted while customers book: a short 503 in the one error shape, and no promised booking is lost."""

from __future__ import annotations

import json
import time

import pytest

from local.ports import wait_until
from local.testing.crowd import Answer, ask
from web.tests.test_webhook import signed

from .conftest import Town, all_in_the_error_shape

pytestmark = pytest.mark.slow


def test_a_restart_of_postgresql_costs_a_few_503_and_no_booking(town: Town) -> None:
    postgres = town.stack.processes["postgres"]
    with town.traffic(town.quote) as answers:
        postgres.restart()
        town.wait_healthy()
        mended = time.monotonic()

        def since() -> list[int]:
            return [answer.status for answer in answers if answer.began > mended]

        # Health has a connection of its own: each process's pool finds out for itself.
        assert wait_until(lambda: since()[-10:] == [201] * 10, seconds=20)
    made = [answer.body["booking"]["id"] for answer in answers if answer.status == 201]
    failed = [answer for answer in answers if answer.status != 201]
    assert {(answer.status, answer.code) for answer in failed} <= {(503, "SERVICE_UNAVAILABLE")}
    assert all_in_the_error_shape(failed)
    assert len(failed) <= 10
    assert town.statuses(made) == {"confirmed": len(made)}
    town.wait_told()


def test_while_postgresql_is_down_stripe_is_asked_to_come_back_and_does(town: Town) -> None:
    held = town.tap()
    postgres = town.stack.processes["postgres"]
    postgres.stop()
    try:
        town.stripe.pay(held.body["payment"]["client_secret"])
        answers = [a_webhook(town), town.quote(), ask(town.stack.site_url, "GET", "/api/tradies/nobody")]
        assert {(answer.status, answer.code) for answer in answers} == {(503, "SERVICE_UNAVAILABLE")}
        assert max(answer.seconds for answer in answers) <= 5
        assert [town.health(part).status for part in ("/db", "/workers", "/all")] == [503] * 3
        assert [town.health(part).status for part in ("", "/redis", "/rabbitmq")] == [200] * 3
    finally:
        postgres.start()
    town.wait_healthy()
    town.stripe.hasten_webhooks()
    town.wait_confirmed([held.body["booking"]["id"]])
    town.wait_told()


def a_webhook(town: Town) -> Answer:
    event = {
        "id": "evt_while_down",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1,
        "livemode": False,
        "account": "acct_demo_joe",
        "data": {"object": {"id": "pi_unknown", "metadata": {"payment_id": "unknown"}}},
    }
    signature = signed(json.dumps(event).encode(), town.stack.env["STRIPE_WEBHOOK_SECRETS"])
    return ask(town.stack.site_url, "POST", "/webhooks/stripe", event, stripe_signature=signature)
