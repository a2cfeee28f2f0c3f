"""When somebody is expected, by what their customer was told last."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, Value, When

from .models import Booking, Status

SOON = timedelta(hours=3)  # nobody sets out earlier


A_MINUTE = timedelta(minutes=1)

# `over_by`, of a row.
OVER_BY = ExpressionWrapper(
    F("ends_at")
    + Case(
        When(
            arrival_window_minutes__gt=0,
            then=ExpressionWrapper(
                (F("arrival_window_minutes") + F("late_minutes")) * Value(A_MINUTE),
                output_field=DurationField(),
            ),
        ),
        default=Value(timedelta()),
    ),
    output_field=DateTimeField(),
)


def over_by(booking: Booking) -> datetime:
    """When it is over at the latest: an exact time at its end, a window as long after it as they may arrive late."""
    window = booking.arrival_window_minutes
    return booking.ends_at + (window + booking.late_minutes) * A_MINUTE if window else booking.ends_at


def was_told_on_my_way(booking: Booking) -> bool:
    """Of the time that it has now: a booking that moved is another journey."""
    return booking.on_my_way_at is not None and booking.on_my_way_at >= booking.starts_at - SOON


def latest_arrival(booking: Booking) -> datetime:
    """Until when they may arrive: of an exact time, that time."""
    return booking.expected_at + booking.arrival_window_minutes * A_MINUTE


def has_not_begun(booking: Booking, now: datetime) -> bool:
    """Of a window: nobody set out, and it isn't over."""
    until = booking.expected_at if was_told_on_my_way(booking) else latest_arrival(booking)
    return booking.status == Status.CONFIRMED and until > now
