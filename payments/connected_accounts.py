"""Which Stripe account a tradie's deposits go to, and whether it can take them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts import profiles
from accounts.models import Tradie
from peepopay import given_up
from peepopay.errors import TradieNotBookable
from peepopay.lookups import only

from . import messages, rounds, stripe_accounts
from .account_models import GONE, ConnectedAccount
from .models import OUT_OF_REACH, Refund
from .stripe_gateway import StripeRefused

ASK_EVERY = timedelta(hours=12)
ASK_SOON = timedelta(hours=1)
MOST_AT_ONCE = 100


def require_chargeable_account(tradie: Tradie) -> str:
    """The id of the tradie's account. Raises TradieNotBookable while it can't take cards.

    No query where it was loaded along with the tradie, or asked for before.
    """
    if not can_charge(tradie):
        raise TradieNotBookable
    account_id: str = tradie.connected_account.account_id
    return account_id


def can_charge(tradie: Tradie) -> bool:
    account: ConnectedAccount | None = getattr(tradie, "connected_account", None)
    return account is not None and account.can_charge


def is_elsewhere(account_id: str, tradie: Tradie) -> bool:
    """Whether this account is another than that on which the tradie's customers pay now. No query where that one was
    loaded along with the tradie."""
    account: ConnectedAccount | None = getattr(tradie, "connected_account", None)
    return account is not None and account.account_id != account_id


def is_out_of_reach(account_id: str, refusal: StripeRefused) -> bool:
    """Stripe lets us see nothing of this account, and said the same when it was asked about the account itself: what
    waits there to be paid never can be."""
    gone = ConnectedAccount.objects.filter(account_id=account_id, card_payments__in=GONE)
    return not refusal.retry_helps and refusal.code in stripe_accounts.DISCONNECTED and gone.exists()


def turns_out_of_reach(account_id: str, refusal: StripeRefused, *, now: datetime) -> bool:
    """The same, after asking Stripe about the account: nobody may have told us yet, and its business hears of it at
    once. Raises StripeRefused when Stripe can't be asked."""
    if refusal.retry_helps or refusal.code not in stripe_accounts.DISCONNECTED:
        return False
    for account in ConnectedAccount.objects.select_related("tradie").filter(account_id=account_id):
        refresh(account, now=now)
    return is_out_of_reach(account_id, refusal)


def browser_keys(tradie_id: uuid.UUID) -> dict[str, Any] | None:
    """What Stripe.js needs in the browser, or None while the account can't take cards."""
    account = only(ConnectedAccount.objects.filter(tradie_id=tradie_id, can_charge=True))
    if account is None:
        return None
    return {
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "account": account.account_id,
        "js_url": settings.STRIPE_JS_URL,
    }


def refresh(account: ConnectedAccount, *, now: datetime) -> bool:
    """Ask Stripe whether the account can take cards, and remember. Its business is told when it no longer can.

    Raises StripeRefused when Stripe can't be asked.
    """
    rows = ConnectedAccount.objects.filter(pk=account.pk)
    rows.update(asked_at=now)
    answer = stripe_accounts.retrieve(account.account_id)
    can_charge = answer.card_payments == "active"
    with transaction.atomic():
        if can_charge:
            rows.update(lost_at=None)
        elif rows.filter(can_charge=True, tradie__isnull=False).update(lost_at=now):
            messages.tell_payments_stopped(account, now=now)
        rows.update(
            can_charge=can_charge,
            card_payments=answer.card_payments,
            wants=list(answer.wants),
            checked_at=now,
        )
        if answer.card_payments not in GONE:
            _take_up_refunds(account, now)
        if account.tradie:
            profiles.forget_profile(account.tradie)
    return can_charge


def _take_up_refunds(account: ConnectedAccount, now: datetime) -> None:
    """Its business lets us in again: what we were to send back is sent after all."""
    waiting = given_up.dead_rows(Refund).filter(
        payment__account_id=account.account_id, last_error=OUT_OF_REACH
    )
    if keys := list(waiting.values_list("pk", flat=True)):
        given_up.revive_dead(Refund, keys, now=now)


def check_all(*, now: datetime) -> int:
    """The sweep: Stripe is asked about those it was never asked about, then those longest ago, each twice a day at
    least, and every hour while it can't take cards; of accounts that were replaced nobody asks that any more. Returns
    how many can."""
    due = (
        Q(asked_at=None) | Q(asked_at__lt=now - ASK_EVERY) | Q(can_charge=False, asked_at__lt=now - ASK_SOON)
    )
    accounts = (
        ConnectedAccount.objects.filter(due, tradie__isnull=False)
        .select_related("tradie")
        .order_by(F("asked_at").asc(nulls_first=True))[:MOST_AT_ONCE]
    )

    def check(account: ConnectedAccount) -> bool:
        return refresh(account, now=now)

    return rounds.each(list(accounts), check)
