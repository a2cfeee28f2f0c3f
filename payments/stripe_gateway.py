"""The only module that talks to Stripe. Everything is asked on the tradie's own account (`Stripe-Account`).

Answers are small frozen records; failures are one error that knows whether trying again can help.
Source: https://docs.stripe.com/api, version 2026-10-28.endive.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import orjson
import stripe
from django.conf import settings

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

CONNECT_TIMEOUT_SECONDS = 2
KEY_LIFE = timedelta(hours=23)  # Stripe forgets idempotency keys after 24 h
QUICK_FAILURE_SECONDS = 1.0  # a call that failed faster than this is tried once more
_places = threading.BoundedSemaphore(settings.STRIPE_CALLS_AT_ONCE)


class StripeRefused(Exception):
    """Stripe said no (`retry_helps` False), or said nothing useful (True: the outcome may be unknown).

    `code` is Stripe's error code, for programs; Stripe's sentence is never shown to customers.
    """

    def __init__(self, code: str, *, retry_helps: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retry_helps = retry_helps


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent; amounts in cents."""

    id: str
    status: str
    amount_cents: int
    received_cents: int
    currency: str
    metadata: dict[str, str]
    client_secret: str


@dataclass(frozen=True)
class RefundAnswer:
    id: str
    status: str  # pending, requires_action, succeeded, failed, canceled
    amount_cents: int
    metadata: dict[str, str]


@dataclass(frozen=True)
class EventHint:
    """What a webhook says happened; only a reason to go and look."""

    id: str
    type: str
    account_id: str
    object_id: str
    livemode: bool
    created_at: datetime
    metadata: dict[str, str]


class BadSignature(Exception):
    """The webhook was not signed with any of our secrets, or too long ago, or is no event at all."""


@lru_cache(maxsize=4)
def _client(key: str, api_base: str, timeout: float) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": api_base},
        http_client=stripe.RequestsClient(timeout=(CONNECT_TIMEOUT_SECONDS, timeout)),
        max_network_retries=0,  # decided in _ask: a hanging Stripe must not be waited for twice
    )


def client() -> stripe.StripeClient:
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_TIMEOUT_SECONDS)


@contextmanager
def _place() -> Iterator[None]:
    """A bulkhead: only a few threads may wait for Stripe, so that the rest go on answering when it hangs."""
    if not _places.acquire(blocking=False):
        raise StripeRefused("busy", retry_helps=True)
    try:
        yield
    finally:
        _places.release()


def _ask(call: Callable[[], Answer]) -> Answer:
    """Call Stripe; once more with the same key if it failed fast in a way where that is safe."""
    with _place():
        started = time.monotonic()
        try:
            return call()
        except stripe.StripeError as problem:
            refused = _as_refused(problem)
            if not refused.retry_helps or time.monotonic() - started > QUICK_FAILURE_SECONDS:
                raise refused from problem
        try:
            return call()
        except stripe.StripeError as problem:
            raise _as_refused(problem) from problem


def _as_refused(problem: stripe.StripeError) -> StripeRefused:
    status = problem.http_status or 0
    code = str(problem.code or type(problem).__name__)
    helps = isinstance(problem, stripe.APIConnectionError) or status in (409, 429) or status >= 500
    logger.warning("stripe refused: %s (HTTP %s, request %s)", code, status, problem.request_id or "-")
    return StripeRefused(code, retry_helps=helps)


def _options(account_id: str, key: str | None = None) -> Any:
    return {"stripe_account": account_id, **({"idempotency_key": key} if key else {})}


def _metadata(source: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in source.to_dict().items()} if source else {}


def _intent(answer: Any) -> Intent:
    return Intent(
        id=answer.id,
        status=answer.status,
        amount_cents=answer.amount,
        received_cents=answer.amount_received or 0,
        currency=answer.currency,
        metadata=_metadata(answer.metadata),
        client_secret=answer.client_secret or "",
    )


def _refund(answer: Any) -> RefundAnswer:
    return RefundAnswer(
        id=answer.id, status=answer.status, amount_cents=answer.amount, metadata=_metadata(answer.metadata)
    )


def create_intent(account_id: str, parameters: dict[str, Any], *, key: str) -> Intent:
    """`parameters` as stored in the payment's row, `key` its idempotency key. Raises StripeRefused."""
    create = client().v1.payment_intents.create
    return _intent(_ask(lambda: create(parameters, _options(account_id, key))))  # type: ignore[arg-type]


def retrieve_intent(account_id: str, intent_id: str) -> Intent:
    """Raises StripeRefused."""
    retrieve = client().v1.payment_intents.retrieve
    return _intent(_ask(lambda: retrieve(intent_id, None, _options(account_id))))


def cancel_intent(account_id: str, intent_id: str) -> bool:
    """True: it can't be paid any more. False: Stripe refused, since it was paid or cancelled before.

    Raises StripeRefused when the outcome is unknown.
    """
    cancel = client().v1.payment_intents.cancel
    try:
        _ask(lambda: cancel(intent_id, {"cancellation_reason": "abandoned"}, _options(account_id)))
    except StripeRefused as refusal:
        if refusal.retry_helps:
            raise
        return False
    return True


def find_intent(account_id: str, payment_id: str, *, created_after: datetime) -> Intent | None:
    """The intent that carries our payment's id, for when its idempotency key has been forgotten (24 h)."""
    window = {"limit": 100, "created": {"gte": int(created_after.timestamp())}}
    pages = _ask(lambda: client().v1.payment_intents.list(window, _options(account_id)))  # type: ignore[arg-type]
    for answer in pages.auto_paging_iter():
        if _metadata(answer.metadata).get("payment_id") == payment_id:
            return _intent(answer)
    return None


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
    return _refund(_ask(lambda: client().v1.refunds.create(parameters, _options(account_id, key))))


def find_refund(account_id: str, intent_id: str, refund_id: str) -> RefundAnswer | None:
    """The refund of an intent that carries our refund's id. Raises StripeRefused."""
    window = {"payment_intent": intent_id, "limit": 100}
    page = _ask(lambda: client().v1.refunds.list(window, _options(account_id)))  # type: ignore[arg-type]
    found = (_refund(answer) for answer in page.data)
    return next((refund for refund in found if refund.metadata.get("refund_id") == refund_id), None)


def retrieve_refund(account_id: str, refund_id: str) -> RefundAnswer:
    """Raises StripeRefused."""
    return _refund(_ask(lambda: client().v1.refunds.retrieve(refund_id, None, _options(account_id))))


def can_charge(account_id: str) -> bool:
    """Whether the account's card_payments capability is active. Raises StripeRefused."""
    account = _ask(
        lambda: client().v2.core.accounts.retrieve(account_id, {"include": ["configuration.merchant"]})
    ).to_dict()
    merchant = (account.get("configuration") or {}).get("merchant") or {}
    card_payments = (merchant.get("capabilities") or {}).get("card_payments") or {}
    return bool(card_payments.get("status") == "active")


def read_event(raw: bytes, signature: str) -> EventHint:
    """Verify a webhook on its raw body against each configured secret, then read it. Raises BadSignature."""
    try:
        text = raw.decode()
        if not any(_is_signed(text, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignature
        return _hint(orjson.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise BadSignature from problem


def _is_signed(text: str, signature: str, secret: str) -> bool:
    try:
        return bool(
            stripe.WebhookSignature.verify_header(text, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
        )
    except stripe.SignatureVerificationError:
        return False


def _hint(event: dict[str, Any]) -> EventHint:
    """Both shapes: the classic event carries its object, the v2 event only names it."""
    kind = _name(event["type"], 100)
    if event.get("object") == "v2.core.event":
        created_at = datetime.fromisoformat(event["created"])
        about, account_id = event.get("related_object") or {}, None
    else:
        created_at = datetime.fromtimestamp(event["created"], UTC)
        about, account_id = event["data"]["object"], event.get("account")
    intent = about.get("payment_intent") if kind.startswith(("charge.", "refund.")) else None
    metadata, event_id = about.get("metadata"), _name(event["id"], 100)
    if not event_id:
        raise ValueError("an event without an id")
    return EventHint(
        id=event_id,
        type=kind,
        account_id=_name(account_id, 64),
        object_id=_name(intent or about.get("id"), 100),
        livemode=bool(event["livemode"]),
        created_at=created_at,
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _name(value: object, most: int) -> str:
    """An id of Stripe's, at most `most` characters. Raises ValueError for a NUL, which no row could hold."""
    text = str(value or "")
    if "\0" in text:
        raise ValueError("an id with a NUL")
    return text[:most]
