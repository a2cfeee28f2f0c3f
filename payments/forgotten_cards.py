"""Saved cards that nobody needs any more: forgotten at Stripe, by a sweep."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.lifecycle import UNDONE_WITHIN
from bookings.models import HELD, Booking, Status

from . import rounds, stripe_customers
from .card_consents import KEPT_AFTER
from .models import UNSETTLED, CardConsent, Payment, PaymentKind
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 200
OVER = (Status.CANCELLED, Status.DECLINED, Status.LOST, Status.COMPLETED)
LATE_PAYMENTS_WITHIN = timedelta(days=1)  # a hold that lapsed may be paid, and revived, for a while
OUT_OF_REACH = ("resource_missing", "account_invalid", "not_found")


def due(now: datetime) -> QuerySet[CardConsent]:
    """Consents whose card is to be forgotten: the job is done or off, its no-show is settled, or the time is over that
    the customer was told; also those that were taken back, once nothing holds any more."""
    mine = Q(booking=OuterRef("booking"))
    holds = CardConsent.objects.filter(mine, withdrawn_at=None)
    # Once its customer was asked to pay by link, the card has done what it could.
    fee_open = Payment.objects.filter(
        mine, kind=PaymentKind.NO_SHOW_FEE, status__in=UNSETTLED, fee_charge__pay_by=None
    )
    over = (
        Q(booking__status__in=OVER)
        | Q(booking__status=Status.EXPIRED, booking__created_at__lt=now - LATE_PAYMENTS_WITHIN)
        | Q(booking__status=Status.NO_SHOW, booking__no_show_at__lt=now - UNDONE_WITHIN)
        | Q(booking__ends_at__lt=now - KEPT_AFTER)
        | Q(booking__erased_at__isnull=False)
        | Q(let_go_at__isnull=False)
        | ~Exists(holds)
    )
    kept = CardConsent.objects.filter(over, forgotten_at=None).exclude(booking__status__in=HELD)
    return kept.filter(~Exists(fee_open)).order_by("let_go_at", "given_at")


def forget_cards(*, now: datetime) -> int:
    """The sweep: returns how many consents ended. Addresses go with the customer's other details."""
    erased = CardConsent.objects.filter(booking__erased_at__isnull=False).exclude(ip_address="")
    erased.update(ip_address="")
    return rounds.each(list(due(now)[:MOST_AT_ONCE]), lambda consent: forget(consent, now=now))


def forget(consent: CardConsent, *, now: datetime) -> bool:
    """From the first step on nothing is charged any more; a crash between the two is made up for by the next round.

    False: it is needed after all. Raises StripeRefused.
    """
    with transaction.atomic():
        Booking.objects.select_for_update(no_key=True).get(pk=consent.booking_id)
        if not due(now).filter(pk=consent.pk).exists():
            return False
        CardConsent.objects.filter(booking=consent.booking_id, let_go_at=None).update(let_go_at=now)
    if consent.customer_id:
        _delete(consent)
    CardConsent.objects.filter(pk=consent.pk).update(forgotten_at=now)
    return True


def _delete(consent: CardConsent) -> None:
    """Its card goes with the customer. What isn't there any more, or out of our reach, can't be charged either."""
    try:
        stripe_customers.delete_customer(consent.account_id, consent.customer_id)
    except StripeRefused as refusal:
        if refusal.retry_helps or refusal.code not in OUT_OF_REACH:
            raise
        logger.info("card consent %s: %s", consent.pk, refusal.code)
