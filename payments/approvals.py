"""Requests: the tradie says yes or no to a booking, or doesn't answer. Procedure 9 of docs/payments.md.

With a deposit due, the customer's card holds it meanwhile. A yes takes it, and the booking is confirmed once it is
taken; anything else lets go of it.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from availability.calendars import lock_calendar
from bookings import lifecycle
from bookings.actors import By
from bookings.models import Booking, Status
from peepopay import outbox, sweeps

from . import card_holds, connected_accounts, intents, stripe_gateway
from .intents import WITH_BOOKING
from .models import CardHold, HoldEnd, Payment, PaymentStatus
from .settlement import sync
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 200


def _locked(booking: Booking) -> Booking:
    """Its row, with the calendar locked before it."""
    lock_calendar(booking.calendar_id)
    return Booking.objects.select_for_update(of=("self",)).select_related("tradie").get(pk=booking.pk)


@transaction.atomic
def approve(booking: Booking, *, by: By, now: datetime) -> bool:
    """The tradie says yes: confirmed at once, or as soon as a worker has taken what the card holds.

    False: it was not waiting for that, or somebody said yes before.
    """
    if not booking.deposit_cents:
        return lifecycle.approve_request(booking, by=by, now=now)
    booking = _locked(booking)
    payment = card_holds.authorised(booking)
    if payment is None or booking.starts_at <= now:
        return False
    if not lifecycle.note_approval(booking, by=by, now=now):
        return False
    card_holds.take(payment, now=now)
    return True


@transaction.atomic
def decline(booking: Booking, *, by: By, now: datetime, reason: str = "") -> bool:
    """The tradie says no: the time is free again, and nothing is charged. False: it was not waiting for that."""
    booking = _locked(booking)
    if not lifecycle.decline_request(booking, by=by, now=now, reason=reason):
        return False
    card_holds.let_go_of(booking, now=now)
    return True


def unanswered(now: datetime) -> list[Booking]:
    """Requests whose time to be answered is over, and those that began before what the card holds was taken."""
    is_over = Q(approved_at=None, until__lte=now) | Q(starts_at__lte=now)
    requests = Booking.objects.filter(status=Status.REQUESTED)
    return list(requests.annotate(until=Coalesce("answer_by", "starts_at")).filter(is_over)[:MOST_AT_ONCE])


def lapse_requests(*, now: datetime) -> int:
    """The sweep: both sides hear that there was no answer, and nothing is charged; returns how many."""
    return sweeps.each(unanswered(now), lambda booking: lapse(booking, now=now))


@transaction.atomic
def lapse(booking: Booking, *, now: datetime) -> bool:
    """End one of them. False: it was answered meanwhile; a yes is carried out until the job begins."""
    booking = _locked(booking)
    was_approved = booking.approved_at is not None
    if was_approved and booking.starts_at > now:
        return False
    end = lifecycle.drop_request if was_approved else lifecycle.lapse_request
    if not end(booking, now=now):
        return False
    card_holds.let_go_of(booking, now=now)
    return True


def end_hold(hold: CardHold, *, now: datetime) -> outbox.Changes | None:
    """Take what the card holds, or let go of it. What Stripe says comes first: an earlier try may have done it without
    our learning so. What can't be taken is let go of, and the request is off (`deposits.on_settled`); so it is on an
    account that turns out to be gone.

    Raises StripeRefused when the outcome is unknown.
    """
    payment = _as_stripe_has_it(WITH_BOOKING.get(pk=hold.payment_id), now)
    if payment.status == PaymentStatus.AUTHORISED and _is_to_be_taken(payment, now):
        payment = _take(payment, now)
    if payment.status == PaymentStatus.AUTHORISED:
        intents.cancel(payment)
        payment = sync(payment, now=now)
    return None if payment.status == PaymentStatus.AUTHORISED else {}


def _as_stripe_has_it(payment: Payment, now: datetime) -> Payment:
    try:
        return sync(payment, now=now)
    except StripeRefused as refusal:
        if not connected_accounts.turns_out_of_reach(payment.account_id, refusal, now=now):
            raise
        return sync(payment, now=now)


def _is_to_be_taken(payment: Payment, now: datetime) -> bool:
    """As it is decided by now, and while the job is still ahead."""
    booking = payment.booking
    is_wanted = CardHold.objects.filter(payment=payment, end=HoldEnd.TAKE).exists()
    return is_wanted and booking.status == Status.REQUESTED and booking.starts_at > now


def _take(payment: Payment, now: datetime) -> Payment:
    try:
        stripe_gateway.capture_intent(payment.account_id, payment.intent_id or "")
    except StripeRefused as refusal:
        if refusal.retry_helps:
            raise
        logger.warning("payment %s: not taken: %s", payment.pk, refusal.code)
    return sync(payment, now=now)
