"""Events that never came: Stripe's own list of each account, every 15 minutes. Procedure 8 of docs/payments.md."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from . import inbox, rounds, stripe_lists
from .event_types import CONNECTED_ACCOUNTS
from .models import ConnectedAccount, StripeEvent
from .stripe_answers import EventHint
from .stripe_gateway import CLOCKS_DIFFER, StripeRefused

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=15)
KEPT_FOR = timedelta(days=30)  # by Stripe
FIRST_LOOK = timedelta(days=1)
MOST_AT_ONCE = 100
# Stripe takes twenty at most. Accounts v2 tells of itself elsewhere, and accounts are polled anyway; the funds of a
# dispute move only when it is opened or closed.
TYPES = [kind for kind in CONNECTED_ACCOUNTS if not kind.startswith("charge.dispute.funds_")]


def look_for_events(*, now: datetime) -> int:
    """The sweep over accounts that can take cards, first those never asked about, then those longest ago; returns of
    how many something was stored."""
    due = ConnectedAccount.objects.filter(
        Q(events_asked_at=None) | Q(events_asked_at__lt=now - EVERY), can_charge=True
    ).order_by(F("events_asked_at").asc(nulls_first=True))

    def look_at(account: ConnectedAccount) -> bool:
        ConnectedAccount.objects.filter(pk=account.pk).update(events_asked_at=now)  # whatever happens
        return store_missing(account, now=now) > 0

    return rounds.each(list(due[:MOST_AT_ONCE]), look_at)


def store_missing(account: ConnectedAccount, *, now: datetime) -> int:
    """Store the account's events that never came, oldest first, as webhooks would; returns how many there were. Raises
    StripeRefused."""
    since = max(account.events_seen_until or now - FIRST_LOOK, now - KEPT_FOR) - CLOCKS_DIFFER
    found = _found(account.account_id, since)
    known = set(StripeEvent.objects.filter(pk__in=[event.id for event in found]).values_list("pk", flat=True))
    missing = [event for event in reversed(found) if event.id not in known and inbox.concerns_us(event)]
    with transaction.atomic():
        for event in missing:
            inbox.store(event)
        ConnectedAccount.objects.filter(pk=account.pk).update(events_seen_until=now)
    return len(missing)


def _found(account_id: str, since: datetime) -> list[EventHint]:
    """Newest first. Of more than anybody would page through, the newest: the nightly comparison finds the rest."""
    found: list[EventHint] = []
    try:
        for event in stripe_lists.list_events(account_id, since=since, types=TYPES):
            found.append(event)  # noqa: PERF402 (what came before a refusal counts)
    except StripeRefused as refusal:
        if refusal.code != "too_many":
            raise
        logger.error("stripe account %s has more events than are looked through", account_id)
    return found
