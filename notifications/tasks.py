"""The door for messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from bookings.messages import context_for
from peepopay import outbox

from .delivery import NoLongerApplies, deliver, skip
from .models import Message


@shared_task
def deliver_message(message_id: str) -> None:
    """Send one message, unless it was sent meanwhile or no longer applies."""
    now = timezone.now()
    outbox.run(Message, message_id, lambda message: send_or_skip(message, now), now=now)


def send_or_skip(message: Message, now: datetime) -> dict[str, Any]:
    try:
        context = context_for(message, now=now)
    except NoLongerApplies as problem:
        return skip(problem)
    return deliver(message, context, now=now)
