"""What happened becomes rows, in the transaction in which it happened: one event, and a delivery to each endpoint."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from peepopay import outbox
from peepopay.errors import RateLimited
from peepopay.throttling import count_try

from ..models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from .endpoints import running
from .event_types import TEST, EventType

MOST_TESTS_AN_HOUR = 30  # of a business

Describe = Callable[[], Mapping[str, Any]]


def tell(
    tradie_id: uuid.UUID, kind: EventType, about: uuid.UUID, describe: Describe, *, now: datetime
) -> None:
    """Write it in the caller's transaction, for whoever subscribed to `kind`. `describe` gives the `data` of the
    event, as JSON, and is called only if there is somebody: without endpoints this is one query."""
    endpoints = list(running(tradie_id).filter(event_types__contains=[kind.name]).only("pk"))
    if endpoints:
        event = WebhookEvent.objects.create(
            tradie_id=tradie_id, type=kind.name, about=about, data=describe(), created_at=now
        )
        _send(event, endpoints, now=now)


@transaction.atomic
def send_test_event(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery | None:
    """To this endpoint alone; also to one that is switched off, to see whether it answers again. None: one is on its
    way. Raises RateLimited."""
    if outbox.open_rows(WebhookDelivery).filter(endpoint=endpoint, event__type=TEST.name).exists():
        return None
    if (
        count_try(f"webhook test:{endpoint.tradie_id}", window=timedelta(hours=1), now=now)
        > MOST_TESTS_AN_HOUR
    ):
        raise RateLimited
    event = WebhookEvent.objects.create(
        tradie_id=endpoint.tradie_id,
        type=TEST.name,
        about=endpoint.pk,
        data={"message": "This is a test. Nothing happened."},
        created_at=now,
    )
    (delivery,) = _send(event, [endpoint], now=now)
    return delivery


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, now: datetime) -> bool:
    """The same event once more, with the same id, so that a receiver that had it can tell. False: it is on its way."""
    row = WebhookDelivery(
        event_id=delivery.event_id, endpoint_id=delivery.endpoint_id, created_at=now, due_at=now
    )
    before = outbox.open_rows(WebhookDelivery).filter(event=delivery.event_id, endpoint=delivery.endpoint_id)
    if before.exists():
        return False
    WebhookDelivery.objects.bulk_create([row], ignore_conflicts=True)
    outbox.announce()
    return True


def _send(event: WebhookEvent, endpoints: list[WebhookEndpoint], *, now: datetime) -> list[WebhookDelivery]:
    rows = [
        WebhookDelivery(event=event, endpoint=endpoint, created_at=now, due_at=now) for endpoint in endpoints
    ]
    made = WebhookDelivery.objects.bulk_create(rows)
    outbox.announce()
    return made
