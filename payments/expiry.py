"""Holds that lapse: the intent is cancelled first, the time is given back after. Procedure 4 of docs/payments.md."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from prometheus_client import Counter

from accounts.models import Tradie
from availability.calendars import lock_calendar
from availability.slots import Job
from bookings.actors import SYSTEM
from bookings.lifecycle import release_booking, start_expiring
from bookings.models import HELD, Booking, Status
from bookings.terms import period_of
from peepopay import sweeps

from . import card_setups, intents, stripe_gateway
from .models import Payment, PaymentStatus
from .settlement import sync
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 200
MOST_IN_A_REQUEST = 2  # each may cost two calls to Stripe
EXPIRED = Counter("peepopay_holds_expired", "Holds that ran out without a payment.")


def overdue_holds(now: datetime) -> QuerySet[Booking]:
    """Holds past their end and a grace for payments under way, and those a crash or an outage left half lapsed; first
    those that Stripe was never asked about, then those longest ago."""
    over = now - timedelta(seconds=settings.EXPIRY_GRACE_SECONDS)
    last_asked = (
        Payment.objects.filter(booking=OuterRef("pk")).order_by("-checked_at").values("checked_at")[:1]
    )
    return Booking.objects.filter(status__in=HELD, held_until__lt=over).order_by(
        Subquery(last_asked).asc(nulls_first=True), "held_until"
    )


def expire_hold(booking: Booking, *, now: datetime) -> bool:
    """Give up one hold. True: its time is free. False: it was paid after all, or Stripe can't be asked yet (then it
    keeps its time and the next sweep tries again: an outage costs availability, never money)."""
    start_expiring(booking)
    try:
        if booking.terms.needs_card and card_setups.end(booking, now=now):
            return False
        for payment in _let_go_of_unopened(booking, now):
            Payment.objects.filter(pk=payment.pk).update(checked_at=now)  # to the back of the queue
            # Paid, it can't be cancelled any more; held on the card it could be, so Stripe is asked first.
            if booking.requires_approval and sync(payment, now=now).status == PaymentStatus.AUTHORISED:
                continue
            intents.cancel(payment)
            sync(payment, now=now)
    except StripeRefused:
        return False
    booking.refresh_from_db(fields=["status"])
    expired = booking.status == Status.EXPIRED
    EXPIRED.inc(expired)
    return expired


@transaction.atomic
def _let_go_of_unopened(booking: Booking, now: datetime) -> list[Payment]:
    """Without an intent that anyone has the secret of, the hold ends at once. Returns the payments that have one.

    A payment that is still `new` stays so: Stripe may have made its intent, and the sweep of payments will find it.
    """
    lock_calendar(booking.calendar_id)
    current = Booking.objects.select_for_update().get(pk=booking.pk)
    if current.status != Status.EXPIRING:
        return []
    opened = list(Payment.objects.filter(booking=booking, intent_id__isnull=False))
    if not opened:
        release_booking(current, Status.EXPIRED, by=SYSTEM, now=now)
    return opened


def give_up_unopened(booking: Booking, *, now: datetime) -> None:
    """Stripe was away when the hold was made: let it go, and let the very same request make a new booking.

    A hold whose intent is known stays: its customer may have the secret.
    """
    if Payment.objects.filter(booking=booking, intent_id__isnull=False).exists():
        return
    start_expiring(booking)
    if not _let_go_of_unopened(booking, now):
        Booking.objects.filter(pk=booking.pk, status=Status.EXPIRED).update(client_key=None)


def expire_holds(*, now: datetime) -> int:
    """The sweep: every overdue hold, one by one; returns how many gave their time back. What fails, or is locked, is
    passed over and comes round again."""

    def expire(booking: Booking) -> bool:
        return expire_hold(booking, now=now)

    return sweeps.each(list(overdue_holds(now)[:MOST_AT_ONCE]), expire)


def expire_in_the_way(tradie: Tradie, job: Job, starts_at: datetime, *, now: datetime) -> int:
    """Someone wants a time that overdue holds block: don't make them wait for the sweep. Returns how many went."""
    overdue = overdue_holds(now).filter(tradie=tradie, period__overlap=period_of(job, starts_at))
    blocking = list(overdue[:MOST_IN_A_REQUEST])
    if not blocking:
        return 0
    try:
        with stripe_gateway.place():
            return sum(expire_hold(booking, now=now) for booking in blocking)
    except StripeRefused:  # too many are waiting for Stripe: those holds keep their time for now
        return 0
