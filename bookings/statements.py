"""What cancelling a booking costs from now on, in words."""

from __future__ import annotations

from datetime import datetime

from .models import HELD, Booking, Status


def policy_statement(booking: Booking, *, now: datetime) -> list[str]:
    """A sentence each, in the zone of its tradie. Reads the booking's tradie, no query where that is loaded."""
    is_asked = booking.requires_approval and booking.status in (*HELD, Status.REQUESTED)
    return booking.terms.policy_statement(
        booking.starts_at, booking.tradie.timezone, now=now, is_asked=is_asked
    )
