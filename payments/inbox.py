"""Webhooks as rows: stored at once, acted on by a worker that asks Stripe afresh. Procedure 7 of docs/payments.md."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import F
from prometheus_client import Histogram

from peepopay import outbox
from peepopay.lookups import only

from . import connected_accounts
from .external_refunds import compare_refunds
from .intents import PAYMENTS
from .models import ConnectedAccount, Payment, PaymentStatus, StripeEvent
from .settlement import settle
from .stripe_answers import EventHint
from .stripe_gateway import in_live_mode

logger = logging.getLogger(__name__)
LAG = Histogram(
    "peepopay_webhook_lag_seconds",
    "From what happened at Stripe until we had acted on it.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 21_600),
)


def store(event: EventHint) -> None:
    """Keep an event that concerns us and wake the relay, in the caller's transaction. Seen before: nothing changes."""
    if not concerns_us(event):
        return
    row = StripeEvent(
        id=event.id,
        type=event.type,
        account_id=event.account_id,
        object_id=event.object_id,
        created_at=event.created_at,
    )
    StripeEvent.objects.bulk_create([row], ignore_conflicts=True)
    outbox.announce()


def concerns_us(event: EventHint) -> bool:
    """A type we act on, in the mode of our key, and (for money) carrying our metadata."""
    if event.type not in ON_EVENT or event.livemode != in_live_mode():
        return False
    if event.type.startswith("payment_intent."):
        return "payment_id" in event.metadata
    return True


def act_on(event: StripeEvent, *, now: datetime) -> dict[str, Any]:
    """Do what a stored event asks for; answers the changes that mark it done. Raises StripeRefused."""
    ON_EVENT[event.type](event, now)
    LAG.observe(max((now - event.created_at).total_seconds(), 0))
    if event.type == "payment_intent.payment_failed":  # a card was declined; its customer may try another
        PAYMENTS.labels("failed").inc()
    return {"runs": F("runs") + 1}


def _payment_changed(event: StripeEvent, now: datetime) -> None:
    payment = only(Payment.objects.filter(account_id=event.account_id, intent_id=event.object_id))
    if payment is None:
        # The intent may be ours and its id not stored yet (we died in between): the sweep of payments finds it.
        logger.info("stripe event %s is about an unknown intent", event.pk)
    elif payment.status != PaymentStatus.SUCCEEDED:  # the end of an intent: refunds have events of their own
        settle(payment, now=now)


def _refund_changed(event: StripeEvent, now: datetime) -> None:
    """`object_id` is the payment intent: every refund of it is looked at, whoever made it."""
    payment = only(Payment.objects.filter(account_id=event.account_id, intent_id=event.object_id))
    if payment is not None:
        compare_refunds(payment, now=now)


def _account_changed(event: StripeEvent, now: datetime) -> None:
    account_ids = [event.account_id, event.object_id]
    for account in ConnectedAccount.objects.select_related("tradie").filter(account_id__in=account_ids):
        connected_accounts.refresh(account, now=now)


ON_EVENT: dict[str, Callable[[StripeEvent, datetime], None]] = {
    "payment_intent.succeeded": _payment_changed,
    "payment_intent.processing": _payment_changed,
    "payment_intent.amount_capturable_updated": _payment_changed,
    "payment_intent.payment_failed": _payment_changed,
    "payment_intent.canceled": _payment_changed,
    "charge.refunded": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "account.updated": _account_changed,
    "v2.core.account[configuration.merchant].capability_status_updated": _account_changed,
}
