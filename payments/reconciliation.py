"""Sweeps that make lost webhooks and crashes harmless. Procedure 8 of docs/payments.md."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from bookings.models import HELD

from . import stripe_gateway
from .deposits import sync
from .models import UNSETTLED, Payment, PaymentStatus
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=2)
MOST_AT_ONCE = 200


def sync_unsettled_payments(*, now: datetime) -> int:
    """Every payment that is neither paid nor cancelled and was not looked at for two minutes; returns how many.

    Stops at the first sign that Stripe is away: the next sweep goes on from there.
    """
    stuck = Payment.objects.filter(
        Q(checked_at__isnull=True, created_at__lt=now - STUCK_AFTER) | Q(checked_at__lt=now - STUCK_AFTER),
        status__in=UNSETTLED,
    ).order_by("checked_at", "created_at")
    synced = 0
    for payment_id in stuck.values_list("pk", flat=True)[:MOST_AT_ONCE]:
        try:
            _settle(payment_id, now)
        except StripeRefused as refusal:
            if refusal.retry_helps:
                break
            Payment.objects.filter(pk=payment_id).update(
                checked_at=now, attention=f"Stripe refused: {refusal.code}"
            )
        synced += 1
    return synced


def _settle(payment_id: uuid.UUID, now: datetime) -> None:
    """Bring a payment up to what Stripe knows; one that can still be paid for a hold that is gone is closed."""
    payment = sync(payment_id, now=now)
    payment.refresh_from_db()
    if payment.status == PaymentStatus.OPEN and payment.booking.status not in HELD:
        stripe_gateway.cancel_intent(payment.account_id, payment.intent_id or "")
        sync(payment_id, now=now)
