"""The owners of a business are told when one of its endpoints is switched off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from peepopay import local_time

from .. import kinds
from ..kinds import NoLongerApplies
from ..models import Channel, Message, WebhookEndpoint
from ..outbox import tell_owners
from .endpoints import switch_off

KIND = "webhook_switched_off"


@transaction.atomic
def switch_off_and_tell(endpoint: WebhookEndpoint, *, because: str, now: datetime) -> None:
    if not switch_off(endpoint, because=because, now=now):
        return
    tell_owners(
        endpoint.tradie, KIND, about=endpoint.pk, occasion=f"{endpoint.pk}:{now:%Y%m%dT%H%M%S}", now=now
    )


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    endpoint = WebhookEndpoint.objects.select_related("tradie").filter(pk=message.about).first()
    if endpoint is None or endpoint.switched_off_at is None:
        raise NoLongerApplies("The address was removed, or is switched on again.")
    tradie = endpoint.tradie
    return {
        "business": " ".join(tradie.business_name.split()),
        "accent_colour": tradie.accent_colour,
        "url": endpoint.url,
        "description": " ".join(endpoint.description.split()),
        "because": endpoint.switched_off_because,
        "since": local_time.moment(endpoint.failing_since or endpoint.switched_off_at, tradie.timezone),
        "endpoint_url": settings.SITE_URL + reverse("webhook", args=[endpoint.pk]),
    }


kinds.register(KIND, channels=(Channel.EMAIL,), context_for=context_for)
