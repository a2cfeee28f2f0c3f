"""Doors for the workers: load by id, call one rule."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from peepopay import outbox

from . import inbox, invariants, reconciliation, refunds
from .models import Refund, StripeEvent

logger = logging.getLogger(__name__)


@shared_task
def process_event(event_id: str) -> None:
    """Act on one stored Stripe event, alone."""
    now = timezone.now()
    outbox.run(StripeEvent, event_id, lambda event: inbox.act_on(event, now=now), now=now)


@shared_task
def send_refund(refund_id: str) -> None:
    """Ask Stripe for one refund, alone."""
    now = timezone.now()
    outbox.run(Refund, refund_id, lambda refund: refunds.send_refund(refund, now=now), now=now)


@shared_task
def sync_unsettled_payments() -> int:
    """Ask Stripe about payments that have been on their way for more than two minutes."""
    return reconciliation.sync_unsettled_payments(now=timezone.now())


@shared_task
def check_invariants() -> int:
    """The hourly self-check: any finding is logged as an error; returns how many there were."""
    findings = invariants.findings(now=timezone.now())
    for finding in findings:
        logger.error("invariant broken: %s", finding)
    return len(findings)
