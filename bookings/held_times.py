"""Times that are kept for a customer whose business can't make the one they have: rows of the diary like any other, so
the exclusion constraint keeps everybody else out of them.

Whatever settles such a booking (it moves, is cancelled, goes to somebody else) settles this in the same transaction.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from .day_move_models import OPEN, Answer, DayMoveJob
from .models import Booking, Status


def held_for(booking: Booking, now: datetime) -> QuerySet[Booking]:
    """The times that are kept for it now, in order."""
    rows = Booking.objects.filter(holds_for=booking, status=Status.PENDING, held_until__gt=now)
    return rows.select_related("calendar").order_by("starts_at")


def held_for_all(bookings: Iterable[Booking], now: datetime) -> dict[uuid.UUID, list[Booking]]:
    """The same of several, by their id. One query."""
    kept: defaultdict[uuid.UUID, list[Booking]] = defaultdict(list)
    rows = Booking.objects.filter(
        holds_for__in=[booking.pk for booking in bookings], status=Status.PENDING, held_until__gt=now
    )
    for row in rows.order_by("starts_at"):
        assert row.holds_for_id
        kept[row.holds_for_id].append(row)
    return kept


def let_go(bookings: Iterable[Booking]) -> None:
    """Give back whatever time is kept for these. One query."""
    held = Booking.objects.filter(
        holds_for__in=[booking.pk for booking in bookings], status__in=(Status.PENDING, Status.EXPIRING)
    )
    held.update(status=Status.EXPIRED, held_until=None)


def settle(booking: Booking, answer: Answer, *, now: datetime) -> None:
    """Whatever was asked about moving the booking is answered: the times kept for it are free, and what it says of the
    business that it can't make its time is over, unless it is cancelled, whose reason that stays. No query where
    nothing was asked. In the transaction that changes it, once the object is as the row is."""
    if booking.asked_to_move_at is None:
        return
    let_go([booking])
    DayMoveJob.objects.filter(booking=booking, answer__in=OPEN).update(answer=answer, answered_at=now)
    if answer != Answer.CANCELLED:
        Booking.objects.filter(pk=booking.pk).update(asked_to_move_at=None)
        booking.asked_to_move_at = None
