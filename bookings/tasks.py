"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from payments import expiry


@shared_task
def expire_holds() -> int:
    """Give back the time of unpaid holds that are over."""
    return expiry.expire_holds(now=timezone.now())
