"""What a business is told of its money besides its bookings. Words are put in when a message is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.people import owners_of
from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay import local_time

from . import dispute_messages as dispute_messages  # registers its kinds
from . import no_show_messages as no_show_messages  # registers its kinds
from .models import ConnectedAccount
from .setup_steps import why_payments_stopped

PAYMENTS_STOPPED = "payments_stopped"


def tell_payments_stopped(account: ConnectedAccount, *, now: datetime) -> None:
    """The owners, in the caller's transaction."""
    queue_messages(
        [
            Message(
                tradie_id=account.tradie_id,
                about=account.pk,
                kind=PAYMENTS_STOPPED,
                audience=Audience.TRADIE,
                channel=Channel.EMAIL,
                recipient=owner.email,
                dedupe_key=f"{account.pk}:{PAYMENTS_STOPPED}:{owner.pk}:{now:%Y%m%dT%H%M%S}",
                due_at=now,
            )
            for owner in owners_of(account.tradie)
        ]
    )


def payments_stopped(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    account = ConnectedAccount.objects.select_related("tradie").get(pk=message.about)
    if account.lost_at is None:
        raise NoLongerApplies("The account can take cards again.")
    tradie = account.tradie
    return {
        "business": " ".join(tradie.business_name.split()),
        "accent_colour": tradie.accent_colour,
        "why": why_payments_stopped(account),
        "since": local_time.moment(account.lost_at, tradie.timezone),
        "dashboard_url": settings.SITE_URL + reverse("dashboard_today"),
    }


kinds.register(PAYMENTS_STOPPED, channels=(Channel.EMAIL,), context_for=payments_stopped)
