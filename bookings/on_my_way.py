"""On my way: whoever is next is told once that somebody has set out; set out late, windows behind it may move."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from availability.calendars import lock_calendar

from . import messages
from .actors import By
from .expected import SOON, over_by, was_told_on_my_way
from .lifecycle import record
from .models import Booking, EventKind, Status
from .running_late import move_windows_behind


def may_set_out(booking: Booking, now: datetime) -> bool:
    """Whether its customer can be told now: it is close, not over, and they haven't been told."""
    return (
        booking.status == Status.CONFIRMED
        and booking.asked_to_move_at is None
        and booking.tell_customer
        and booking.starts_at - SOON <= now < over_by(booking)
        and not was_told_on_my_way(booking)
    )


@transaction.atomic
def set_out(booking: Booking, *, by: By, now: datetime) -> int:
    """Tell the customer, and whoever was promised a window behind them that can't be kept any more. Returns how many
    were told; 0: they were told already, or there is nothing to set out for."""
    if not may_set_out(booking, now):
        return 0
    is_late = booking.starts_at < now
    if is_late:
        lock_calendar(booking.calendar_id)
    untold = Q(on_my_way_at=None) | Q(on_my_way_at__lt=booking.starts_at - SOON)
    as_shown = Booking.objects.filter(
        untold, pk=booking.pk, status=Status.CONFIRMED, starts_at=booking.starts_at
    )
    if not as_shown.update(on_my_way_at=now):
        return 0
    booking.on_my_way_at = now
    record(booking, EventKind.ON_MY_WAY, by=by, now=now)
    messages.tell_on_my_way(booking, now=now)
    return 1 + (move_windows_behind(booking, by=by, now=now) if is_late else 0)
