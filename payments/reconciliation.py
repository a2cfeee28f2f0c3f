"""Sweeps that make lost webhooks and crashes harmless. Procedure 8 of docs/payments.md."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import F, Q

from bookings.models import HELD
from peepopay import sweeps

from . import stripe_gateway
from .deposits import sync
from .models import UNSETTLED, Payment, PaymentStatus
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=2)
MOST_AT_ONCE = 200
AWAY_AFTER = 3  # payments in a row that Stripe can't be asked about: it is Stripe, not the payment


def sync_unsettled_payments(*, now: datetime) -> int:
    """Every payment that is neither paid nor cancelled and was not looked at for two minutes; returns how many.

    Those never looked at come first, then those longest ago. Ends when Stripe seems to be away: the next sweep goes on
    from there.
    """
    stuck = Payment.objects.filter(
        Q(checked_at__isnull=True, created_at__lt=now - STUCK_AFTER) | Q(checked_at__lt=now - STUCK_AFTER),
        status__in=UNSETTLED,
    ).order_by(F("checked_at").asc(nulls_first=True), "created_at")
    unanswered: list[uuid.UUID] = []

    def look_at(payment_id: uuid.UUID) -> bool:
        Payment.objects.filter(pk=payment_id).update(
            checked_at=now
        )  # to the back of the queue, whatever happens
        try:
            _settle(payment_id, now)
        except StripeRefused as refusal:
            if refusal.retry_helps:
                unanswered.append(payment_id)
                return False
            Payment.objects.filter(pk=payment_id).update(attention=f"Stripe refused: {refusal.code}")
        unanswered.clear()
        return True

    payment_ids = list(stuck.values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sweeps.each(takewhile(lambda _: len(unanswered) < AWAY_AFTER, payment_ids), look_at)


def _settle(payment_id: uuid.UUID, now: datetime) -> None:
    """Bring a payment up to what Stripe knows; one that can still be paid for a hold that is gone is closed."""
    payment = sync(Payment.objects.select_related("booking").get(pk=payment_id), now=now)
    if payment.status == PaymentStatus.OPEN and payment.booking.status not in HELD:
        stripe_gateway.cancel_intent(payment.account_id, payment.intent_id or "")
        sync(payment, now=now)
