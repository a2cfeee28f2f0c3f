"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import quote_erasure

MOST_A_NIGHT = 20_000


@shared_task(soft_time_limit=600, time_limit=630)
def erase_quotes() -> int:
    """Once a night, after the bookings: customers' details in quotes. What is left is the next night's."""
    return quote_erasure.erase_due(now=timezone.now(), at_most=MOST_A_NIGHT)
