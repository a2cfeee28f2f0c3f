"""Doors for the workers: load by id, call one rule."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from . import inbox, reconciliation, refunds

logger = logging.getLogger(__name__)


@shared_task
def process_event(event_id: str) -> None:
    """Act on one stored Stripe event."""
    inbox.process(event_id, now=timezone.now())


@shared_task
def send_refund(refund_id: str) -> None:
    """Ask Stripe for one refund."""
    refunds.send_refund(refund_id, now=timezone.now())


@shared_task
def sync_unsettled_payments() -> int:
    """Ask Stripe about payments that have been on their way for more than two minutes."""
    return reconciliation.sync_unsettled_payments(now=timezone.now())
