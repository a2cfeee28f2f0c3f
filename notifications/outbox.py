"""What is to be sent is a row, written with the change it tells of; see `peepopay/outbox.py` for what follows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peepopay import outbox

from .models import Message


def queue_message(
    *,
    tradie_id: uuid.UUID,
    about: uuid.UUID,
    kind: str,
    audience: str,
    channel: str,
    recipient: str,
    dedupe_key: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one message in the caller's transaction. One that has this `dedupe_key` already stays as it is.

    `facts`: what the change itself knew and no row keeps, such as {"refund_cents": 3000}; nothing personal.
    """
    message = Message(
        tradie_id=tradie_id,
        about=about,
        kind=kind,
        audience=audience,
        channel=channel,
        recipient=recipient,
        dedupe_key=dedupe_key,
        facts=dict(facts or {}),
        due_at=now,
    )
    queue_messages([message])


def queue_messages(messages: list[Message]) -> None:
    """Several in one statement."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    outbox.announce()
