"""The end of a job that comes round: what was paid for visits to come goes back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from bookings import series as rules
from bookings.actors import By
from bookings.models import Series
from peepopay.errors import BookingNotChangeable

from .cancellations import cancel_job

NO_MORE = "Your regular visits end: this one and all after it are off."


def end_series(series: Series, from_day: date, *, by: By, now: datetime) -> int:
    """No visit from that local date on. Its customer is told once, of the first that is off, and of each that they paid
    for. Returns how many were called off. What somebody changed at that moment is left as it is: pressed again, it is
    looked at again."""
    called_off = 0
    for booking in rules.stop(series, from_day, now=now):
        with suppress(BookingNotChangeable):
            tell = not called_off or booking.deposit_cents > 0
            cancel_job(booking, by=by, now=now, reason=NO_MORE, tell=tell)
            called_off += 1
    return called_off
