"""What moved the balance of each account at Stripe: fees, and whatever isn't ours, go into the books as Stripe says.

A payment's amount stands there by our own rows (`books.py`); what Stripe took for it is known only from Stripe, and
sometimes only later. Procedure 12 of docs/payments.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ledger.chart import Account
from ledger.models import Journal, JournalKind
from ledger.posting import enter_stripes_own
from peepopay.money import CURRENCY

from . import rounds, stripe_lists
from .models import ConnectedAccount, Payment, StripeTransaction
from .stripe_gateway import StripeRefused
from .stripe_lists import TransactionAnswer

AT_MOST_EVERY = timedelta(minutes=5)  # where something was entered in the books since
AT_LEAST_EVERY = timedelta(hours=20)  # for payouts
# Stripe may have one ready hours after the moment that it bears.
READY_WITHIN = timedelta(days=1)
SHORTEST = timedelta(minutes=1)
MOST_AT_ONCE = 100
STRIPES_OWN = (JournalKind.FEES, JournalKind.PAYOUT, JournalKind.OTHER)
PAYOUTS = ("payout", "payout_cancel", "payout_failure")


def look_for_transactions(*, now: datetime) -> int:
    """The sweep over accounts where money moved since they were last asked, and over all others once a day; returns of
    how many something was stored."""

    def look_at(account: ConnectedAccount) -> bool:
        ConnectedAccount.objects.filter(pk=account.pk).update(transactions_asked_at=now)  # whatever happens
        return store_new(account, now=now) > 0

    return rounds.each(list(_due(now)[:MOST_AT_ONCE]), look_at)


def _due(now: datetime) -> QuerySet[ConnectedAccount]:
    """First those never asked, then those longest ago."""
    posted = Journal.objects.filter(
        tradie=OuterRef("tradie"), posted_at__gte=OuterRef("transactions_asked_at")
    ).exclude(kind__in=STRIPES_OWN)
    paid = Payment.objects.filter(account_id=OuterRef("account_id"))
    return ConnectedAccount.objects.filter(
        Q(transactions_asked_at=None) & Exists(paid)
        | Q(transactions_asked_at__lt=now - AT_LEAST_EVERY)
        | Q(transactions_asked_at__lt=now - AT_MOST_EVERY) & Exists(posted)
    ).order_by(F("transactions_asked_at").asc(nulls_first=True))


def store_new(account: ConnectedAccount, *, now: datetime, since: datetime | None = None) -> int:
    """Store and enter what moved the account's balance, and is not stored yet; returns how many. `since`: look that far
    back, instead of from where the last look ended. Raises StripeRefused."""
    since = since or (account.transactions_seen_until or _first_payment(account) or now) - READY_WITHIN
    stored = 0
    while since < now:
        found, until = _oldest(account.account_id, since, now)
        stored += _store_new(account, found, until)
        since = until
    return stored


def _oldest(account_id: str, since: datetime, until: datetime) -> tuple[list[TransactionAnswer], datetime]:
    """As much from `since` on as can be paged through, newest first, and until when that goes."""
    try:
        found = stripe_lists.list_transactions(account_id, since=since, until=until)
        return [answer for answer in found if answer.currency == CURRENCY], until
    except StripeRefused as refusal:
        if refusal.code != "too_many" or until - since < SHORTEST:
            raise
        return _oldest(account_id, since, since + (until - since) / 2)


@transaction.atomic
def _store_new(account: ConnectedAccount, found: list[TransactionAnswer], until: datetime) -> int:
    ConnectedAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    stored = StripeTransaction.objects.filter(pk__in=[answer.id for answer in found])
    known = set(stored.values_list("pk", flat=True))
    new = [answer for answer in reversed(found) if answer.id not in known]
    _store(account, new)
    ConnectedAccount.objects.filter(pk=account.pk).update(transactions_seen_until=until)
    return len(new)


def _first_payment(account: ConnectedAccount) -> datetime | None:
    """What moved before the first payment of ours is not in these books."""
    ours = Payment.objects.filter(account_id=account.account_id).order_by("created_at")
    return ours.values_list("created_at", flat=True).first()


def _store(account: ConnectedAccount, new: list[TransactionAnswer]) -> None:
    about = Payment.objects.filter(
        account_id=account.account_id, intent_id__in={answer.intent_id for answer in new if answer.intent_id}
    )
    payments = {payment.intent_id: payment for payment in about}
    for answer in new:
        payment = payments.get(answer.intent_id) if answer.intent_id else None
        row = StripeTransaction.objects.create(
            id=answer.id,
            account_id=account.account_id,
            payment=payment,
            type=answer.type,
            amount_cents=answer.amount_cents,
            stripe_fee_cents=answer.stripe_fee_cents,
            peepopay_fee_cents=answer.our_fee_cents,
            created_at=answer.created_at,
        )
        _enter(account, row, payment)


def _enter(account: ConnectedAccount, row: StripeTransaction, payment: Payment | None) -> None:
    kind, against = JournalKind.FEES, None
    if payment is None:
        is_payout = row.type in PAYOUTS
        kind = JournalKind.PAYOUT if is_payout else JournalKind.OTHER
        against = Account.BANK if is_payout else Account.OTHER
    moved = row.amount_cents if against else 0
    lines = {
        Account.STRIPE: moved - row.stripe_fee_cents - row.peepopay_fee_cents,
        Account.STRIPE_FEES: row.stripe_fee_cents,
        Account.PEEPOPAY_FEES: row.peepopay_fee_cents,
    }
    if against:
        lines[against] = -moved
    enter_stripes_own(
        account.business.pk,
        row.pk,
        kind,
        row.created_at,
        lines,
        booking_id=payment.booking_id if payment else None,
    )
