"""Webhooks as rows: stored at once, acted on by a worker that asks Stripe afresh. Procedure 7 of docs/payments.md."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import Histogram

from peepopay import given_up, outbox
from peepopay.written_once import Given, WrittenOnce

from . import card_setups, connected_accounts, deposits, payouts
from .disputes import compare_disputes
from .event_types import DISPUTES, PAYOUTS
from .external_refunds import compare_refunds
from .intents import PAYMENTS
from .models import CardConsent, ConnectedAccount, Payment, PaymentKind, PaymentStatus, StripeEvent
from .settlement import settle
from .stripe_answers import EventHint
from .stripe_gateway import StripeRefused, in_live_mode

logger = logging.getLogger(__name__)
# Our key may not see that account, or lacks a right: both can be mended.
NO_ACCESS = ("account_invalid", "more_permissions_required_for_application", "PermissionError")
KEEP_ASKING = timedelta(days=3)  # as long as Stripe itself tries to deliver an event
LAG = Histogram(
    "peepopay_webhook_lag_seconds",
    "From what happened at Stripe until we had acted on it.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 21_600),
)


def store(event: EventHint) -> None:
    """Keep an event that concerns us and wake the relay, in one statement. Seen before: nothing changes, except that
    one which was given up begins anew. That Stripe sends it again may mean that it can be acted on now."""
    if not concerns_us(event):
        return
    row = StripeEvent(
        id=event.id,
        type=event.type,
        account_id=event.account_id,
        object_id=event.object_id,
        created_at=event.created_at,
    )
    outbox.put([row], reviving=True)


def replay(event_id: str, *, now: datetime) -> bool:
    """An operator wants it acted on again, whether it was done or given up. False: it never came."""
    StripeEvent.objects.filter(pk=event_id, done_at__isnull=False).update(done_at=None, runs=0)
    return bool(given_up.revive(StripeEvent, [event_id], now=now))


def concerns_us(event: EventHint) -> bool:
    """A type we act on, in the mode of our key, and (for money) carrying our metadata."""
    if event.type not in ON_EVENT or event.livemode != in_live_mode():
        return False
    if event.type.startswith("payment_intent."):
        return "payment_id" in event.metadata
    if event.type.startswith("setup_intent."):
        return "consent_id" in event.metadata
    return True


def act_on(event: StripeEvent, *, now: datetime) -> outbox.Changes | None:
    """Do what a stored event asks for; answers the changes that mark it done, or None when it waits for a better
    answer. Raises StripeRefused."""
    try:
        ON_EVENT[event.type](event, now)
    except StripeRefused as refusal:
        if not (refusal.retry_helps or refusal.code in NO_ACCESS):
            raise
        _wait_for_an_answer(event, refusal, now)
        return None
    LAG.observe(max((now - event.created_at).total_seconds(), 0))
    if event.type == "payment_intent.payment_failed":  # a card was declined; its customer may try another
        PAYMENTS.labels("failed").inc()
    return {"runs": event.runs + 1, "unanswered_since": None}


def _wait_for_an_answer(event: StripeEvent, refusal: StripeRefused, now: datetime) -> None:
    """Stripe was away, or refused our key: that says nothing of the event, and takes as long as somebody needs to mend
    it. So it uses up no attempts: it waits as long again as it has waited, 30 s to an hour, for three days."""
    since = event.unanswered_since or now
    if now - since >= KEEP_ASKING:
        outbox.bury(event, refusal.code, now=now)
        return
    delay = min(max(now - since, outbox.FIRST_DELAY), outbox.LONGEST_DELAY)
    outbox.open_rows(StripeEvent).filter(pk=event.pk).update(
        unanswered_since=since,
        due_at=now + delay,
        attempts=0,
        last_error=refusal.code[:500],
        **outbox.PUT_OFF,
    )


_payment_of = WrittenOnce(
    lambda: Payment.objects.filter(account_id=Given("account"), intent_id=Given("intent")).order_by()
)


def _payment_changed(event: StripeEvent, now: datetime) -> None:
    payment = _payment_of.only(account=event.account_id, intent=event.object_id)
    if payment is None:
        # The intent may be ours and its id not stored yet (we died in between): the sweep of payments finds it.
        logger.info("stripe event %s is about an unknown intent", event.pk)
    elif payment.status != PaymentStatus.SUCCEEDED:  # the end of an intent: refunds have events of their own
        settle(payment, now=now)


def _card_authorised(event: StripeEvent, now: datetime) -> None:
    """Looked at once more afterwards: it may have been authorised in the very moment in which it was called off."""
    _payment_changed(event, now)
    payment = _payment_of.only(account=event.account_id, intent=event.object_id)
    if payment is not None and payment.kind == PaymentKind.DEPOSIT:
        deposits.tell_authorised_in_vain(payment, now=now)


def _refund_changed(event: StripeEvent, now: datetime) -> None:
    """`object_id` is the payment intent: every refund of it is looked at, whoever made it. What was refunded was paid,
    though we may not have heard of that yet."""
    payment = _payment_of.only(account=event.account_id, intent=event.object_id)
    if payment is None:
        return
    if payment.status != PaymentStatus.SUCCEEDED:
        payment = settle(payment, now=now)
    compare_refunds(payment, now=now)


def _dispute_changed(event: StripeEvent, now: datetime) -> None:
    """`object_id` is the payment intent here too."""
    payment = _payment_of.only(account=event.account_id, intent=event.object_id)
    if payment is not None:
        compare_disputes(payment, now=now)


def _card_saved(event: StripeEvent, now: datetime) -> None:
    saved = CardConsent.objects.filter(account_id=event.account_id, setup_intent_id=event.object_id)
    for consent in saved.select_related("booking"):
        card_setups.sync(consent.booking, now=now)


def _payout_changed(event: StripeEvent, now: datetime) -> None:
    for account in ConnectedAccount.objects.filter(account_id=event.account_id):
        payouts.look_at(account, event.object_id, now=now)


def _account_changed(event: StripeEvent, now: datetime) -> None:
    account_ids = [event.account_id, event.object_id]
    accounts = ConnectedAccount.objects.select_related("tradie").filter(tradie__isnull=False)
    for account in accounts.filter(account_id__in=account_ids):
        connected_accounts.refresh(account, now=now)


ON_EVENT: dict[str, Callable[[StripeEvent, datetime], None]] = {
    "payment_intent.succeeded": _payment_changed,
    "payment_intent.processing": _payment_changed,
    "payment_intent.amount_capturable_updated": _card_authorised,
    "payment_intent.payment_failed": _payment_changed,
    "payment_intent.canceled": _payment_changed,
    "setup_intent.succeeded": _card_saved,
    "charge.refunded": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    **dict.fromkeys(DISPUTES, _dispute_changed),
    **dict.fromkeys(PAYOUTS, _payout_changed),
    "account.updated": _account_changed,
    "account.application.deauthorized": _account_changed,  # its object is our own application
    "capability.updated": _account_changed,
    "v2.core.account.closed": _account_changed,
    "v2.core.account[configuration.merchant].updated": _account_changed,
    "v2.core.account[configuration.merchant].capability_status_updated": _account_changed,
}
