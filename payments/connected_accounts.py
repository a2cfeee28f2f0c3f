"""Which Stripe account a tradie's deposits go to, and whether it can take them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import profiles
from accounts.models import Tradie
from peepopay.errors import TradieNotBookable
from peepopay.lookups import only

from . import stripe_gateway
from .models import ConnectedAccount


def require_chargeable_account(tradie: Tradie) -> str:
    """The id of the tradie's account. Raises TradieNotBookable while it can't take cards.

    No query where it was loaded along with the tradie, or asked for before.
    """
    account: ConnectedAccount | None = getattr(tradie, "connected_account", None)
    if account is None or not account.can_charge:
        raise TradieNotBookable
    return account.account_id


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
    """Ask Stripe whether the account can take cards, and remember. Raises StripeRefused."""
    can_charge = stripe_gateway.can_charge(account.account_id)
    ConnectedAccount.objects.filter(pk=account.pk).update(can_charge=can_charge, checked_at=now)
    profiles.forget_profile(account.tradie)
    return can_charge
