"""Webhooks of the demo: signed, for the right account, at least once, and as unruly as a test asks."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
import stripe

from local.testing.stripe_spec import stripe_spec
from local.testing.stripe_world import StripeWorld, wait_until

JOE = {"stripe_account": StripeWorld.account}


class Inbox:
    """An endpoint that keeps what it is sent. `answers`: the statuses of the first requests; then 200."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.payloads: list[dict[str, Any]] = []
        self.answers: list[int] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                status = inbox.answers.pop(0) if inbox.answers else 200
                if status == 200:
                    inbox.take(payload, self.headers["Stripe-Signature"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/stripe"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, payload: bytes, signature: str) -> None:
        event = stripe.Webhook.construct_event(payload, signature, StripeWorld.webhook_secret)
        self.payloads.append(json.loads(payload))
        self.events.append(event)

    def types(self) -> list[str]:
        return [event.type for event in self.events]


@pytest.fixture
def inbox(stripe_world: StripeWorld) -> Iterator[Inbox]:
    inbox = Inbox()
    stripe_world.webhooks(url=inbox.url)
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


def new_intent(client: stripe.StripeClient) -> stripe.PaymentIntent:
    params: Any = {
        "amount": 5000,
        "currency": "aud",
        "application_fee_amount": 125,
        "metadata": {"booking_id": "b1"},
    }
    return client.v1.payment_intents.create(params, {**JOE, "idempotency_key": "pp-pi-1"})


def test_events_arrive_signed_and_name_their_account(stripe_world, stripe_client, inbox):
    intent = new_intent(stripe_client)
    stripe_world.pay(intent.client_secret)

    wait_until(lambda: len(inbox.events) == 4)
    by_type = {event.type: event for event in inbox.events}
    paid = by_type["payment_intent.succeeded"]
    assert paid.account == stripe_world.account
    assert paid.data.object.metadata["booking_id"] == "b1"
    assert by_type["payment_intent.created"].request.idempotency_key == "pp-pi-1"
    assert getattr(by_type["application_fee.created"], "account", None) is None
    assert [p for event in inbox.payloads for p in stripe_spec().event_problems(event)] == []


def test_an_event_can_be_fetched_as_it_was_sent(stripe_client, inbox):
    new_intent(stripe_client)
    wait_until(lambda: inbox.events)

    fetched = stripe_client.v1.events.retrieve(inbox.events[0].id, None, JOE)

    assert fetched.data.object.id == inbox.events[0].data.object.id
    assert fetched.created == inbox.events[0].created


def test_events_are_listed_by_type_and_in_order(stripe_world, stripe_client):
    intent = new_intent(stripe_client)
    stripe_world.pay(intent.client_secret)
    events = stripe_client.v1.events

    everything = events.list({"limit": 10}, JOE)
    one_type = events.list({"type": "payment_intent.succeeded", "created": {"gte": intent.created}}, JOE)
    after = events.list({"starting_after": everything.data[0].id}, JOE)

    assert [event.type for event in everything.data] == [
        "payment_intent.succeeded", "charge.succeeded", "payment_intent.created",
    ]  # fmt: skip
    assert [event.type for event in one_type.data] == ["payment_intent.succeeded"]
    assert [event.id for event in after.data] == [event.id for event in everything.data[1:]]
    assert [event.type for event in events.list({"type": "charge.*"}, JOE).data] == ["charge.succeeded"]


def test_a_refused_delivery_is_tried_again(stripe_world, stripe_client, inbox):
    inbox.answers = [500, 503]
    new_intent(stripe_client)

    wait_until(lambda: inbox.events)

    assert inbox.types() == ["payment_intent.created"]
    assert stripe_world.deliveries()["done"] == 1


def test_retries_outlive_a_killed_process(stripe_world, stripe_client, inbox):
    inbox.server.shutdown()
    inbox.server.server_close()
    new_intent(stripe_client)
    stripe_world.restart()
    assert stripe_world.deliveries()["due"] == 1

    second = Inbox()
    stripe_world.webhooks(url=second.url)
    stripe_world.hasten_webhooks()

    wait_until(lambda: second.events)
    second.server.shutdown()


def test_dropped_events_never_arrive_but_can_be_resent(stripe_world, stripe_client, inbox):
    stripe_world.webhooks("drop")
    new_intent(stripe_client)
    assert stripe_world.deliveries()["lost"] == 1

    stripe_world.resend(stripe_world.events()[0]["id"])

    wait_until(lambda: inbox.events)


def test_held_events_wait_for_their_release(stripe_world, stripe_client, inbox):
    stripe_world.webhooks("hold")
    new_intent(stripe_client)
    assert stripe_world.deliveries()["held"] == 1
    assert inbox.events == []

    assert stripe_world.release_webhooks() == 1

    wait_until(lambda: inbox.events)


def test_events_can_be_duplicated_and_shuffled(stripe_world, stripe_client, inbox):
    stripe_world.webhooks("duplicate:5,shuffle", window_ms=300)
    intent = new_intent(stripe_client)
    stripe_world.pay(intent.client_secret)

    wait_until(lambda: len(inbox.events) == 20)

    assert set(Counter(event.id for event in inbox.events).values()) == {5}


def test_events_can_be_late(stripe_world, stripe_client, inbox):
    stripe_world.webhooks(delay_ms=60_000)
    new_intent(stripe_client)
    assert stripe_world.deliveries()["due"] == 1
    assert inbox.events == []

    stripe_world.hasten_webhooks()

    wait_until(lambda: inbox.events)


def test_a_share_of_the_events_can_get_lost(stripe_world, stripe_client, inbox):
    stripe_world.webhooks(lose=0.5)
    for number in range(40):
        stripe_client.v1.payment_intents.create({"amount": 1000 + number, "currency": "aud"}, JOE)

    wait_until(lambda: stripe_world.deliveries()["due"] == 0)

    assert 0 < stripe_world.deliveries()["lost"] < 40
    assert len(inbox.events) == 40 - stripe_world.deliveries()["lost"]


def test_another_site_cannot_steer_the_demo(stripe_world):
    answer = requests.post(f"{stripe_world.direct}/_control/reset", data="{}", timeout=5)

    assert answer.status_code == 415
    assert "Access-Control-Allow-Origin" not in answer.headers
