"""Refunds whose events were lost: some fail weeks later, and some were made in the tradie's own Stripe dashboard.
Procedure 8 of docs/payments.md."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from peepopay import sweeps

from . import stripe_lists
from .external_refunds import note_refunds
from .models import ConnectedAccount, Payment, PaymentStatus
from .stripe_answers import RefundAnswer
from .stripe_gateway import StripeRefused

LOOKED_BACK = timedelta(days=30)  # a bank may send money back as late as that
EVERY = timedelta(hours=6)
MOST_AT_ONCE = 100
AWAY_AFTER = 3  # accounts in a row about which Stripe can't be asked: it is Stripe


def look_for_refunds(*, now: datetime) -> int:
    """Compare what each account has of the last weeks with our rows; returns how many accounts it got an answer for.

    One list for an account and not one for a payment, or nobody would ask about all those that were never refunded.
    Accounts never looked at come first, then those longest ago.
    """
    unanswered: list[uuid.UUID] = []

    def look_at(account: ConnectedAccount) -> bool:
        ConnectedAccount.objects.filter(pk=account.pk).update(refunds_checked_at=now)  # whatever happens
        try:
            _compare(account.account_id, now)
        except StripeRefused as refusal:
            if refusal.retry_helps:
                unanswered.append(account.pk)
            return False
        unanswered.clear()
        return True

    accounts = list(_due(now)[:MOST_AT_ONCE])
    return sweeps.each(takewhile(lambda _: len(unanswered) < AWAY_AFTER, accounts), look_at)


def _due(now: datetime) -> QuerySet[ConnectedAccount]:
    paid = Payment.objects.filter(account_id=OuterRef("account_id"), status=PaymentStatus.SUCCEEDED)
    return ConnectedAccount.objects.filter(
        Exists(paid), Q(refunds_checked_at=None) | Q(refunds_checked_at__lt=now - EVERY)
    ).order_by(F("refunds_checked_at").asc(nulls_first=True), "pk")


def _compare(account_id: str, now: datetime) -> None:
    by_intent: defaultdict[str, list[RefundAnswer]] = defaultdict(list)
    since = int((now - LOOKED_BACK).timestamp())
    for answer in stripe_lists.list_refunds(account_id, created={"gte": since}):
        by_intent[answer.intent_id].append(answer)
    for payment in Payment.objects.filter(account_id=account_id, intent_id__in=by_intent):
        note_refunds(payment, by_intent[payment.intent_id or ""], now=now)
