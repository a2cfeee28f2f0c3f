"""Sweeps that make lost webhooks and crashes harmless. Procedure 8 of docs/payments.md."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q

from . import rounds
from .models import UNSETTLED, Payment, PaymentKind, PaymentStatus
from .settlement import settle
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=2)
# A balance is paid when its customer likes, an authorised deposit waits for the tradie: events tell us of them sooner.
MAY_TAKE_DAYS = Q(status=PaymentStatus.AUTHORISED) | ~Q(kind=PaymentKind.DEPOSIT)
LOOKED_AT_EVERY = timedelta(minutes=30)
MOST_AT_ONCE = 200


def sync_unsettled_payments(*, now: datetime) -> int:
    """Every payment that is neither paid nor cancelled and was not looked at for two minutes; returns how many.

    Those never looked at come first, then those longest ago. Ends when Stripe seems to be away: the next sweep goes on
    from there.
    """
    stuck = Payment.objects.filter(
        Q(checked_at__isnull=True, created_at__lt=now - STUCK_AFTER)
        | Q(MAY_TAKE_DAYS, checked_at__lt=now - LOOKED_AT_EVERY)
        | Q(~MAY_TAKE_DAYS, checked_at__lt=now - STUCK_AFTER),
        status__in=UNSETTLED,
    ).order_by(F("checked_at").asc(nulls_first=True), "created_at")

    def look_at(payment_id: uuid.UUID) -> bool:
        Payment.objects.filter(pk=payment_id).update(
            checked_at=now
        )  # to the back of the queue, whatever happens
        try:
            settle(Payment.objects.select_related("booking").get(pk=payment_id), now=now)
        except StripeRefused as refusal:
            if refusal.retry_helps:
                raise
            Payment.objects.filter(pk=payment_id).update(attention=f"Stripe refused: {refusal.code}")
        return True

    return rounds.each(list(stuck.values_list("pk", flat=True)[:MOST_AT_ONCE]), look_at)
