"""What was sent to an endpoint, and how long that is kept."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from peepopay import sweeps

from ..models import WebhookDelivery, WebhookEndpoint, WebhookEvent

KEPT_FOR = timedelta(days=30)


def deliveries_to(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """The newest first, with their events."""
    return endpoint.deliveries.select_related("event")


def forget_old(*, now: datetime) -> int:
    """Events hold customers' details, and nobody looks for a delivery of last month. Returns how many went."""
    return sweeps.forget(WebhookEvent.objects.filter(created_at__lt=now - KEPT_FOR))


def forget_about(about: Collection[uuid.UUID]) -> int:
    """Events of these bookings, with their deliveries; returns how many went."""
    events = WebhookEvent.objects.filter(about__in=about)
    gone = events.count()
    events.delete()
    return gone
