"""When somebody is expected, by what their customer was told last."""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import Booking, Status

SOON = timedelta(hours=3)  # nobody sets out earlier


def was_told_on_my_way(booking: Booking) -> bool:
    """Of the time that it has now: a booking that moved is another journey."""
    return booking.on_my_way_at is not None and booking.on_my_way_at >= booking.starts_at - SOON


def latest_arrival(booking: Booking) -> datetime:
    """Until when they may arrive: of an exact time, that time."""
    return booking.expected_at + timedelta(minutes=booking.arrival_window_minutes)


def has_not_begun(booking: Booking, now: datetime) -> bool:
    """Of a window: nobody set out, and it isn't over."""
    until = booking.expected_at if was_told_on_my_way(booking) else latest_arrival(booking)
    return booking.status == Status.CONFIRMED and until > now
