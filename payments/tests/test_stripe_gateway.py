"""What each answer of Stripe's settles, and what it leaves open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from payments import stripe_gateway
from payments.stripe_gateway import StripeRefused

ACCOUNT = "acct_demo_joe"
DEPOSIT = {"amount": 3_000, "currency": "aud", "metadata": {"payment_id": "ours"}}


def create(key: str = "pp-pi-1", **changes: object) -> stripe_gateway.Intent:
    return stripe_gateway.create_intent(ACCOUNT, DEPOSIT | changes, key=key)


def refusal_of(ask: Callable[[], object]) -> StripeRefused:
    with pytest.raises(StripeRefused) as refused:
        ask()
    return refused.value


@pytest.mark.parametrize(
    ("fault", "retry_helps", "key_spent"),
    [
        ({"status": 400}, False, False),
        ({"status": 402}, False, False),
        ({"status": 403}, False, False),
        ({"status": 404}, False, False),
        ({"status": 401}, True, False),
        ({"status": 409}, True, False),
        ({"status": 429}, True, False),
        ({"status": 500}, True, True),
        ({"status": 503}, True, True),
        ({"page": True}, True, False),
        ({"page": True, "status": 403}, True, False),
        ({"page": True, "status": 502}, True, False),
        ({"reset": True}, True, False),
    ],
    ids=str,
)
def test_only_an_error_of_stripes_about_what_was_asked_is_a_no(stripe_app, fault, retry_helps, key_spent):
    stripe_app.fault("", times=0, **fault)
    refused = refusal_of(create)
    assert (refused.retry_helps, refused.key_spent) == (retry_helps, key_spent)


def test_a_key_that_was_first_used_for_something_else_is_spent(stripe_app):
    create()
    refused = refusal_of(lambda: create(amount=4_000))
    assert (refused.retry_helps, refused.key_spent) == (True, True)


def test_trouble_that_passes_at_once_is_not_noticed(stripe_app):
    for fault in ({"reset": True}, {"page": True, "after": True}, {"status": 429}):
        stripe_app.fault("POST /v1/payment_intents", **fault)
        assert create(key=str(fault)).status == "requires_payment_method"


@pytest.mark.parametrize("fault", [{"status": 404}, {"page": True}, {"status": 401}], ids=str)
def test_only_an_intent_that_is_paid_or_cancelled_is_one_that_cannot_be_cancelled(stripe_app, fault):
    intent = create()
    stripe_app.fault("POST /v1/payment_intents/.*/cancel", times=2, **fault)
    refusal_of(lambda: stripe_gateway.cancel_intent(ACCOUNT, intent.id))
    stripe_app.clear_faults()
    assert [stripe_gateway.cancel_intent(ACCOUNT, intent.id) for _ in range(2)] == [True, False]


def test_an_intent_is_found_by_our_id_however_many_came_after_it(stripe_app, monkeypatch):
    started = timezone.now()
    ours = create()
    for number in range(100):
        create(key=f"other-{number}", metadata={})
    assert stripe_gateway.find_intent(ACCOUNT, "ours", created_after=started) == ours
    assert stripe_gateway.find_intent(ACCOUNT, "nobody's", created_after=started) is None
    monkeypatch.setattr(stripe_gateway, "MOST_PAGES", 1)
    find = lambda: stripe_gateway.find_intent(ACCOUNT, "ours", created_after=started)  # noqa: E731
    assert refusal_of(find).code == "too_many_intents"


def test_a_clock_that_is_a_little_ahead_of_stripes_hides_no_intent(stripe_app):
    ours = create()
    ahead = timezone.now() + timedelta(minutes=2)
    assert stripe_gateway.find_intent(ACCOUNT, "ours", created_after=ahead) == ours


class _Body(BaseHTTPRequestHandler):
    """Answers every request with 200 and the server's `body`."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body: bytes = self.server.body  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def odd_stripe(settings) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Body)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'"ok"', b'{"object": "list"}', b"\xff", b'{"id": "pi']
)
def test_a_200_that_is_not_what_was_asked_for_settles_nothing(odd_stripe, body):
    odd_stripe.body = body
    refused = refusal_of(create)
    assert (refused.retry_helps, refused.key_spent) == (True, False)
