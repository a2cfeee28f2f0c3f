"""Cancelling: what comes back is decided here, the time is given back by bookings. Procedure 5 of docs/payments.md."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from availability.calendars import lock_calendar
from bookings import messages
from bookings.actors import By
from bookings.lifecycle import MAY_BECOME, release_booking
from bookings.models import HELD, Actor, Booking, Status
from peepopay.errors import BookingNotChangeable

from . import card_holds
from .allocation import allocate
from .expiry import expire_hold
from .models import Payment, PaymentStatus
from .outcomes import outcome_of
from .refunds import request_refund
from .totals import totals_of


def cancel_booking(
    booking: Booking, *, by: By, now: datetime, reason: str = "", tell: bool = True
) -> Booking:
    """Cancel, give the time back, promise the refund and tell both sides (unless `tell` is False), in one transaction.

    An unpaid hold lapses instead. Cancelling what is cancelled is fine. Raises BookingNotChangeable.
    """
    if booking.status in HELD:
        expire_hold(booking, now=now)
        booking.refresh_from_db()
        if (
            booking.status not in MAY_BECOME[Status.CANCELLED]
        ):  # else it had been paid: cancelling it is what was asked for
            return booking
    with transaction.atomic():
        lock_calendar(booking.calendar_id)
        booking = Booking.objects.select_for_update(of=("self",)).select_related("tradie").get(pk=booking.pk)
        if booking.status in (Status.CANCELLED, Status.EXPIRED):
            return booking
        if by.actor == Actor.CUSTOMER and booking.starts_at <= now and booking.asked_to_move_at is None:
            raise BookingNotChangeable("This booking has already started. Please call.")
        outcome = outcome_of(booking, totals_of(booking), actor=by.actor, now=now)
        if not release_booking(booking, Status.CANCELLED, by=by, now=now, reason=reason):
            raise BookingNotChangeable
        if by.actor == Actor.TRADIE:
            audit.note(booking.tradie_id, Change.BOOKING_CANCELLED, about=booking.reference)
        _give_back(booking, outcome.refund_cents, by.actor, now)
        let_go_cents = card_holds.let_go_of(booking, now=now)
        if tell:
            messages.tell_cancelled(booking, outcome, actor=by.actor, now=now, let_go_cents=let_go_cents)
    return booking


def may_cancel(booking: Booking, *, now: datetime) -> bool:
    """Whether its customer may: until it begins, or whenever the business can't make the time it has."""
    in_time = now < booking.starts_at or booking.asked_to_move_at is not None
    return booking.status in MAY_BECOME[Status.CANCELLED] and in_time


def cancel_job(booking: Booking, *, by: By, now: datetime, reason: str = "", tell: bool = True) -> Booking:
    """The business cancels what is requested or confirmed; a hold is its customer's. Raises BookingNotChangeable."""
    if booking.status not in MAY_BECOME[Status.CANCELLED]:
        raise BookingNotChangeable
    return cancel_booking(booking, by=by, now=now, reason=reason, tell=tell)


def _give_back(booking: Booking, refund_cents: int, actor: Actor, now: datetime) -> None:
    """What was paid last goes back first: of the deposit something may be kept."""
    if not refund_cents:
        return
    paid = Payment.objects.select_for_update().filter(booking=booking, status=PaymentStatus.SUCCEEDED)
    for payment, cents in allocate(refund_cents, paid.order_by("-paid_at", "pk")):
        payment.booking = booking
        request_refund(payment, cents, reason=f"Cancelled by the {actor}", now=now, told_when_asked=True)
