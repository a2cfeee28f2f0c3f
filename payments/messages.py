"""What a business is told of its money besides its bookings. Words are put in when a message is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Channel, Message
from notifications.outbox import tell_owners
from peepopay import local_time
from peepopay.money import dollars_and_cents

from . import dispute_messages as dispute_messages  # registers its kinds
from . import no_show_messages as no_show_messages  # registers its kinds
from .models import ConnectedAccount, Payout
from .setup_steps import STRIPE_DASHBOARD, why_payments_stopped

PAYMENTS_STOPPED, PAYOUT_FAILED = "payments_stopped", "payout_failed"


def tell_payments_stopped(account: ConnectedAccount, *, now: datetime) -> None:
    """The owners, in the caller's transaction."""
    occasion = f"{account.pk}:{now:%Y%m%dT%H%M%S}"
    tell_owners(account.business, PAYMENTS_STOPPED, about=account.pk, occasion=occasion, now=now)


def tell_payout_failed(payout: Payout, *, now: datetime) -> None:
    """The same; once for each."""
    facts = {"payout": payout.pk}
    tell_owners(
        payout.tradie, PAYOUT_FAILED, about=payout.account_id, occasion=payout.pk, facts=facts, now=now
    )


def payments_stopped(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    account = ConnectedAccount.objects.select_related("tradie").get(pk=message.about)
    tradie = account.tradie
    if tradie is None:
        raise NoLongerApplies("Another account has taken its place.")
    if account.lost_at is None:
        raise NoLongerApplies("The account can take cards again.")
    return {
        "business": " ".join(tradie.business_name.split()),
        "accent_colour": tradie.accent_colour,
        "why": why_payments_stopped(account),
        "since": local_time.moment(account.lost_at, tradie.timezone),
        "dashboard_url": settings.SITE_URL + reverse("dashboard_today"),
    }


def payout_failed(message: Message, *, now: datetime) -> dict[str, Any]:
    """The same. Raises NoLongerApplies once another one is on its way."""
    payout = Payout.objects.select_related("tradie").get(pk=message.facts["payout"])
    if payout.is_followed:
        raise NoLongerApplies("Another payout has followed.")
    tradie = payout.tradie
    return {
        "business": " ".join(tradie.business_name.split()),
        "accent_colour": tradie.accent_colour,
        "amount": dollars_and_cents(payout.amount_cents),
        "why": payout.why,
        "day": local_time.day_of(payout.arrives_on),
        "stripe_url": STRIPE_DASHBOARD,
        "dashboard_url": f"{settings.SITE_URL}{reverse('money')}?month={payout.arrives_on:%Y-%m}#payouts",
    }


kinds.register(PAYMENTS_STOPPED, channels=(Channel.EMAIL,), context_for=payments_stopped)
kinds.register(PAYOUT_FAILED, channels=(Channel.EMAIL,), context_for=payout_failed)
