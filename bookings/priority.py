"""Whose booking was called off by its business comes first: who may book again on the terms they had, until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from .customer_models import Customer
from .models import Actor, Booking, EventKind, Status

PRICE_KEPT_FOR = timedelta(days=14)
CAME_TO_NOTHING = (Status.EXPIRED, Status.LOST)


def may_rebook_until(booking: Booking, now: datetime) -> datetime | None:
    """Until when its customer may book again on the terms they had; None: they can't. Its service loaded, or one query
    more."""
    if booking.status != Status.CANCELLED or booking.cancelled_at is None or booking.erased_at:
        return None
    until = booking.cancelled_at + PRICE_KEPT_FOR
    on_offer = booking.tradie.is_open and booking.service.is_active
    may = now < until and on_offer and _was_called_off(booking) and not _is_blocked(booking)
    return until if may else None


def _is_blocked(booking: Booking) -> bool:
    """The business wants to talk to them first, whatever happened before."""
    return Customer.objects.filter(bookings=booking, blocked_at__isnull=False).exists()


def _was_called_off(booking: Booking) -> bool:
    """By its business, or by its customer because the business couldn't come."""
    if booking.asked_to_move_at:
        return True
    cancelled = booking.events.filter(kind=EventKind.CANCELLED)
    return cancelled.filter(actor=Actor.TRADIE).exists()


def rebooked(booking: Booking) -> Booking | None:
    """What stands in its place, or stood there and was called off in its turn."""
    rows = Booking.objects.filter(~Q(status__in=CAME_TO_NOTHING), rebooks=booking)
    return rows.select_related("tradie", "calendar").order_by("-created_at").first()
