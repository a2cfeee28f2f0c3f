"""What is to be sent is a row, written with the change it tells of; see `peepopay/outbox.py` for what follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peepopay import outbox

from .models import Message


def queue_messages(messages: list[Message]) -> None:
    """Write them in the caller's transaction, in one statement. One whose `dedupe_key` exists already is left out."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    outbox.announce()


def send_again(messages: Iterable[Message], *, now: datetime) -> int:
    """A new message for each, because a person asked for it; what was sent stays on record. Returns how many."""
    copies = [
        Message(
            tradie_id=message.tradie_id,
            about=message.about,
            kind=message.kind,
            audience=message.audience,
            channel=message.channel,
            recipient=message.recipient,
            dedupe_key=f"{message.dedupe_key.partition('#')[0]}#{now:%Y%m%dT%H%M%S}",
            facts=message.facts,
            due_at=now,
        )
        for message in messages
    ]
    queue_messages(copies)
    return len(copies)
