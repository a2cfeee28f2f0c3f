"""The only module that talks to Stripe. Everything is asked on the tradie's own account (`Stripe-Account`).

Answers are the records of `stripe_answers.py`; failures are one error that knows whether trying again can help.
Source: https://docs.stripe.com/api, version 2026-10-28.endive.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import orjson
import requests
import stripe
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from .bulkhead import Bulkhead, NoPlace, Place
from .stripe_answers import (
    EventHint,
    Intent,
    RefundAnswer,
    read_hint,
    read_intent,
    read_intents,
    read_refund,
)

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

CALLS_AT_ONCE = max(
    settings.WEB_THREADS * 3 // 4, 1
)  # the other threads stay free to answer when Stripe hangs
TIME_LIMIT_SECONDS = 5.0  # for all that one request asks, the wait for a place among the calls included
CONNECT_TIMEOUT_SECONDS = 2
QUICK_FAILURE_SECONDS = 1.0  # a call that failed faster than this is tried once more
SETTLES_NOTHING = (401, 408, 409, 429)
MOST_PAGES = 20  # of a hundred, when something is looked for
CLOCKS_DIFFER = timedelta(minutes=5)  # Stripe's and ours, at most
# Stripe takes files at an address of its own; whatever else answers in its place takes them where it answers.
FILES_AT = {"https://api.stripe.com": "https://files.stripe.com"}
_bulkhead = Bulkhead(CALLS_AT_ONCE, most_wait=4, hangs_after=1.5)


class StripeRefused(Exception):
    """Stripe said no (`retry_helps` False), or nothing that can be relied on (True: it may have done what was asked).

    `code` is Stripe's error code, for programs; Stripe's sentence is never shown to customers. `key_spent`: Stripe
    keeps a useless answer for this idempotency key. Look for what it did; if it did nothing, ask under another key.
    """

    def __init__(self, code: str, *, retry_helps: bool, key_spent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retry_helps = retry_helps
        self.key_spent = key_spent


class BadSignature(Exception):
    """The webhook was not signed with any of our secrets, or too long ago, or is no event at all."""


class _Session(requests.Session):
    """One for all threads, so that they share warm connections. A call lasts no longer than its thread's place."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Else it looks through the environment for them, and for somebody's .netrc, with every call.
        self.trust_env, self.proxies = False, get_environ_proxies(settings.STRIPE_API_BASE)
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=CALLS_AT_ONCE))

    def request(self, *args: Any, **options: Any) -> requests.Response:
        with place() as mine:
            left = max(mine.seconds_left(), 0.1)
            return super().request(*args, **options | {"timeout": (min(CONNECT_TIMEOUT_SECONDS, left), left)})


@lru_cache(maxsize=4)
def _client(key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": api_base, "files": FILES_AT.get(api_base, api_base)},
        http_client=stripe.RequestsClient(session=_Session()),
        max_network_retries=0,  # decided in `ask`: a hanging Stripe must not be waited for twice
    )


def in_live_mode() -> bool:
    """Whether our key moves real money."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def client() -> stripe.StripeClient:
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def probe() -> None:
    """Does Stripe answer, and know our key? What else it says to this doesn't matter. Raises requests.RequestException.

    Apart from the calls of customers, so that it neither waits for their places nor takes one.
    """
    answer = requests.get(
        f"{settings.STRIPE_API_BASE}/v1/payment_intents?limit=1",
        headers={"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"},
        timeout=CONNECT_TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    if answer.status_code == 401 or answer.status_code >= 500:
        raise requests.RequestException(f"{answer.status_code}")


@contextmanager
def place() -> Iterator[Place]:
    """Room at Stripe for all that this thread asks inside the block, within TIME_LIMIT_SECONDS together; the wait
    for the place counts. Raises StripeRefused ("busy") before anything was asked."""
    try:
        with _bulkhead.place(TIME_LIMIT_SECONDS) as mine:
            yield mine
    except NoPlace as problem:
        raise StripeRefused("busy", retry_helps=True) from problem


def ask(call: Callable[[], Any], read: Callable[[Any], Answer]) -> Answer:
    """Call Stripe and read its answer; once more, under the same key, if that failed fast in a way that may pass."""
    with place() as mine:
        started = time.monotonic()
        try:
            return _ask_once(call, read, mine)
        except StripeRefused as refusal:
            if not refusal.retry_helps or time.monotonic() - started > QUICK_FAILURE_SECONDS:
                raise
        return _ask_once(call, read, mine)


def _ask_once(call: Callable[[], Any], read: Callable[[Any], Answer], mine: Place) -> Answer:
    if mine.seconds_left() <= 0:
        raise StripeRefused("out_of_time", retry_helps=True)
    started = time.monotonic()
    try:
        with mine.call():
            return read(call())
    except stripe.StripeError as problem:
        mine.unanswered = not problem.http_status and time.monotonic() - started > QUICK_FAILURE_SECONDS
        raise _as_refused(problem) from problem
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as problem:  # as the library or our reader meets it
        logger.warning("stripe answered something else: %s", type(problem).__name__)
        raise StripeRefused("unreadable_answer", retry_helps=True) from problem


def _as_refused(problem: stripe.StripeError) -> StripeRefused:
    """Stripe's word on what was asked is an error in JSON with a status that speaks of the question. Anything else (no
    answer, a page of some machine in between, our key refused, too many calls, trouble of its own) settles nothing."""
    status = problem.http_status or 0
    # The library leaves out the code where Accounts v2 answers 403.
    code = str(problem.code or getattr(problem.error, "code", None) or type(problem).__name__)
    logger.warning("stripe refused: %s (HTTP %s, request %s)", code, status, problem.request_id or "-")
    stale = isinstance(problem, stripe.IdempotencyError)  # the key was first used with other parameters
    is_a_no = (
        problem.error is not None and 400 <= status < 500 and status not in SETTLES_NOTHING and not stale
    )
    # The answers that are kept are those of Stripe's API itself, and they carry a request id.
    return StripeRefused(
        code, retry_helps=not is_a_no, key_spent=stale or (status >= 500 and bool(problem.request_id))
    )


def options(account_id: str, key: str | None = None) -> Any:
    return {"stripe_account": account_id, **({"idempotency_key": key} if key else {})}


def ask_intent(
    method: str, below: str, account_id: str, parameters: dict[str, Any] | None = None, key: str | None = None
) -> Intent:
    """`below`: the rest of its address, such as `/pi_123/cancel`. Raises StripeRefused."""
    return ask(lambda: _raw_intents(method, below, account_id, parameters or {}, key), read_intent)


def _raw_intents(
    method: str, below: str, account_id: str, parameters: dict[str, Any], key: str | None = None
) -> Any:
    """Stripe's own JSON. The library's objects, of which an intent is some dozens, took as long to make as the call."""
    path = f"/v1/payment_intents{below}"
    return client().raw_request(method, path, **parameters, **options(account_id, key)).data


def create_intent(account_id: str, parameters: dict[str, Any], *, key: str) -> Intent:
    """`parameters` as stored in the payment's row, `key` its idempotency key. Raises StripeRefused."""
    return ask_intent("post", "", account_id, parameters, key)


def retrieve_intent(account_id: str, intent_id: str) -> Intent:
    """Raises StripeRefused."""
    return ask_intent("get", f"/{intent_id}", account_id)


def cancel_intent(account_id: str, intent_id: str) -> bool:
    """True: it can't be paid any more. False: Stripe refused, since it was paid or cancelled before.

    Raises StripeRefused when the outcome is unknown.
    """
    try:
        ask_intent("post", f"/{intent_id}/cancel", account_id, {"cancellation_reason": "abandoned"})
    except StripeRefused as refusal:
        if refusal.code != "payment_intent_unexpected_state":
            raise
        return False
    return True


def capture_intent(account_id: str, intent_id: str) -> Intent:
    """Take what the card holds. Without a key of ours: a second time Stripe refuses by the intent's state.

    Raises StripeRefused.
    """
    return ask_intent("post", f"/{intent_id}/capture", account_id)


def find_intent(account_id: str, payment_id: str, *, created_after: datetime) -> Intent | None:
    """The intent that carries our payment's id, for when we never learned what came of creating it."""
    window: Any = {"limit": 100, "created": {"gte": int((created_after - CLOCKS_DIFFER).timestamp())}}
    for _ in range(MOST_PAGES):
        intents, more = ask(lambda: _raw_intents("get", "", account_id, window), read_intents)
        for intent in intents:
            if intent.metadata.get("payment_id") == payment_id:
                return intent
        if not more:
            return None
        window["starting_after"] = intents[-1].id
    raise StripeRefused("too_many_intents", retry_helps=False)


def create_refund(
    account_id: str,
    intent_id: str,
    *,
    amount_cents: int,
    refund_fee: bool,
    metadata: dict[str, str],
    key: str,
) -> RefundAnswer:
    """Raises StripeRefused, with Stripe's code such as `charge_already_refunded` or `insufficient_funds`."""
    parameters: Any = {
        "payment_intent": intent_id,
        "amount": amount_cents,
        "reason": "requested_by_customer",
        "metadata": metadata,
    }
    if refund_fee:
        parameters["refund_application_fee"] = True
    return ask(lambda: client().v1.refunds.create(parameters, options(account_id, key)), read_refund)


def retrieve_refund(account_id: str, refund_id: str) -> RefundAnswer:
    """Raises StripeRefused."""
    retrieve = client().v1.refunds.retrieve
    return ask(lambda: retrieve(refund_id, None, options(account_id)), read_refund)


def read_event(raw: bytes, signature: str) -> EventHint:
    """Verify a webhook on its raw body against each configured secret, then read it. Raises BadSignature."""
    try:
        text = raw.decode()
        if not any(_is_signed(text, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignature
        return read_hint(orjson.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise BadSignature from problem


def _is_signed(text: str, signature: str, secret: str) -> bool:
    try:
        return bool(
            stripe.WebhookSignature.verify_header(text, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
        )
    except stripe.SignatureVerificationError:
        return False
