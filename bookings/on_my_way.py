"""On my way: whoever is next is told once that somebody has set out."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from . import messages
from .actors import By
from .lifecycle import record
from .models import Booking, EventKind, Status

SOON = timedelta(hours=3)  # nobody sets out earlier


def may_set_out(booking: Booking, now: datetime) -> bool:
    """Whether its customer can be told now: it is close, not over, and they haven't been told."""
    return (
        booking.status == Status.CONFIRMED
        and booking.asked_to_move_at is None
        and booking.tell_customer
        and booking.starts_at - SOON <= now < booking.ends_at
        and not was_told(booking)
    )


def was_told(booking: Booking) -> bool:
    """Of the time that it has now: a booking that moved is another journey."""
    return booking.on_my_way_at is not None and booking.on_my_way_at >= booking.starts_at - SOON


@transaction.atomic
def set_out(booking: Booking, *, by: By, now: datetime) -> bool:
    """Tell the customer. False: they were told already, or there is nothing to set out for."""
    if not may_set_out(booking, now):
        return False
    untold = Q(on_my_way_at=None) | Q(on_my_way_at__lt=booking.starts_at - SOON)
    as_shown = Booking.objects.filter(
        untold, pk=booking.pk, status=Status.CONFIRMED, starts_at=booking.starts_at
    )
    if not as_shown.update(on_my_way_at=now):
        return False
    booking.on_my_way_at = now
    record(booking, EventKind.ON_MY_WAY, by=by, now=now)
    messages.tell_on_my_way(booking, now=now)
    return True
