"""Doors for the workers: the pulse that shows that somebody works on a queue."""

from __future__ import annotations

from celery import shared_task

from . import heartbeats


@shared_task
def pulse(queue: str) -> None:
    """Sent by beat, came through `queue` and was taken: note both."""
    heartbeats.note(heartbeats.BEAT, heartbeats.queue_sign(queue))
