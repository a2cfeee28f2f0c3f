"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import housekeeping


@shared_task
def forget_old_rows() -> int:
    """Once a night: drop counters that are over."""
    return housekeeping.forget_old_rows(now=timezone.now())
