"""The visits of a series as its customer sees them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from .models import Booking, Status
from .series_models import Visit

MOST_TOLD = 6


def next_visits(booking: Booking, now: datetime) -> list[Booking]:
    """Of the series that it is of: the next after it. One query, or none where it is of none."""
    if getattr(booking, "visit", None) is None:
        return []
    return list(after(booking).filter(starts_at__gt=now)[:MOST_TOLD])


def after(booking: Booking) -> QuerySet[Booking]:
    """The next few of its series that are certain."""
    of_it = Visit.objects.filter(booking=booking).values("series")
    rows = Booking.objects.filter(
        visit__series__in=of_it, starts_at__gt=booking.starts_at, status=Status.CONFIRMED
    )
    return rows.order_by("starts_at")
