"""A business gets its own account at Stripe, which its deposits go to.

Stripe asks the owner who they are on a page of its own; we lead there and back, and learn the outcome by asking
(`connected_accounts.refresh`): that somebody came back proves nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from peepopay.lookups import only

from . import connected_accounts, stripe_accounts
from .account_models import AccountOpening
from .models import ConnectedAccount
from .stripe_gateway import StripeRefused

KEY_LASTS = timedelta(hours=23)  # Stripe may forget it after a day


def begin(tradie: Tradie, *, page: str, now: datetime, instead_of: str = "") -> str:
    """-> the address of Stripe's form for this business, whose account is opened if it has none. `page`: ours, where
    it leads back to. `instead_of`: the account in whose place another one is to be opened; only one that is gone is
    replaced.

    Raises StripeRefused. Press again: the same account is asked for, and one that nobody was led to does no harm.
    """
    account_id = _account_of(tradie, instead_of, now)
    return stripe_accounts.link(
        account_id, return_url=f"{page}?from=stripe", refresh_url=f"{page}?from=old-link"
    )


def _account_of(tradie: Tradie, instead_of: str, now: datetime) -> str:
    if instead_of:
        _ask_about(tradie, instead_of, now)
    with transaction.atomic():
        if account := _current(tradie, instead_of):
            return account.account_id
        AccountOpening.objects.filter(tradie=tradie, created_at__lt=now - KEY_LASTS).delete()
        opening, _ = AccountOpening.objects.get_or_create(
            tradie=tradie, defaults={"parameters": _parameters(tradie), "created_at": now}
        )
    try:
        account_id = stripe_accounts.create(opening.parameters, key=opening.key)
    except StripeRefused as refusal:
        if refusal.key_spent or not refusal.retry_helps:  # the next press asks afresh
            AccountOpening.objects.filter(pk=opening.pk).delete()
        raise
    with transaction.atomic():
        account = _current(tradie, instead_of)
        AccountOpening.objects.filter(tradie=tradie).delete()
        return account.account_id if account else _give(tradie, account_id, now)


def _ask_about(tradie: Tradie, account_id: str, now: datetime) -> None:
    """What we know of it may be hours old. Raises StripeRefused."""
    accounts = ConnectedAccount.objects.select_related("tradie")
    if account := only(accounts.filter(tradie=tradie, account_id=account_id)):
        connected_accounts.refresh(account, now=now)


def _current(tradie: Tradie, instead_of: str) -> ConnectedAccount | None:
    """Its account, unless that is to be replaced; locks the tradie."""
    Tradie.objects.select_for_update(no_key=True).get(pk=tradie.pk)
    account = only(ConnectedAccount.objects.filter(tradie=tradie))
    return None if account and account.is_gone and account.account_id == instead_of else account


def _give(tradie: Tradie, account_id: str, now: datetime) -> str:
    before = ConnectedAccount.objects.filter(tradie=tradie)
    detail = "".join(f"in place of {account}" for account in before)
    before.update(tradie=None, former_tradie=tradie, replaced_at=now)
    ConnectedAccount.objects.create(tradie=tradie, account_id=account_id)
    audit.note(tradie.pk, Change.STRIPE_OPENED, detail=detail)
    return account_id


def _parameters(tradie: Tradie) -> dict[str, Any]:
    """The tradie is who sells: their own dashboard at Stripe, its fees and losses between them and Stripe."""
    return {
        "contact_email": tradie.email,
        "contact_phone": tradie.phone,
        "display_name": tradie.business_name,
        "dashboard": "full",
        "identity": {"country": "au"},
        "defaults": {
            "currency": "aud",
            "locales": ["en-AU"],
            "profile": {"doing_business_as": tradie.business_name},
            "responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"},
        },
        "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": True}}}},
        "metadata": {"tradie_id": str(tradie.pk)},
        "include": stripe_accounts.INCLUDE,
    }
