"""An endpoint of Sam's at a receiver, and the worker's part."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Tradie
from local.testing.cast import at
from local.testing.receiver import Receiver
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.delivery import deliver
from notifications.webhooks.endpoints import add_endpoint
from notifications.webhooks.event_types import EventType
from notifications.webhooks.telling import tell
from peepopay import outbox

NOW = at("2027-01-14 08:00 +11:00")
MOVED = EventType("booking.moved", "A booking has another time.")


def endpoint_at(receiver: Receiver, tradie: Tradie, *types: str) -> WebhookEndpoint:
    return add_endpoint(tradie, url=receiver.url, event_types=types or [MOVED.name], now=NOW)


def happen(tradie: Tradie, *, now: datetime = NOW, **data: Any) -> WebhookDelivery:
    """Something of its own that one endpoint is told of."""
    about = uuid.uuid4()
    tell(tradie.pk, MOVED, about, lambda: data or {"number": 1}, now=now)
    return WebhookDelivery.objects.select_related("event").get(event__about=about)


def work(delivery: WebhookDelivery, *, now: datetime = NOW) -> WebhookDelivery:
    """As a worker would, whenever it is due."""
    outbox.run(WebhookDelivery, delivery.pk, lambda row: deliver(row, now=now), now=now)
    delivery.refresh_from_db()
    return delivery


def work_until_done(delivery: WebhookDelivery, *, after: timedelta = timedelta()) -> list[datetime]:
    """Whenever it comes due, from `after` its making on; returns when that was."""
    times, now = [], delivery.created_at + after
    while delivery.done_at is None:
        times.append(now)
        work(delivery, now=now)
        now = delivery.due_at
    return times
