"""A request that its business declined by mistake, booked after all."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from psycopg.errors import ExclusionViolation

from availability.calendars import lock_calendar, mark_changed
from peepopay.errors import SlotUnavailable

from . import messages
from .actors import By
from .lifecycle import record
from .message_kinds import UNDONE_WITHIN
from .models import Actor, Booking, EventKind, Status


def may_be_booked_after_all(booking: Booking, now: datetime) -> bool:
    """For a day after it was declined, while it is ahead. Not by a card that was let go of then, nor for a quote. One
    query at most."""
    if booking.status != Status.DECLINED or booking.starts_at <= now:
        return False
    if booking.deposit_cents or booking.quote_id or booking.erased_at:
        return False
    declined = booking.events.filter(kind=EventKind.DECLINED, actor=Actor.TRADIE)
    return declined.filter(at__gt=now - UNDONE_WITHIN).exists()


@transaction.atomic
def book_after_all(booking: Booking, *, by: By, now: datetime) -> bool:
    """Its customer, who was told no, is told that it is booked. False: it is not to be had any more.

    Raises SlotUnavailable where somebody else has the time by now.
    """
    lock_calendar(booking.calendar_id)
    booking.refresh_from_db(fields=["status", "starts_at", "erased_at"])
    if not may_be_booked_after_all(booking, now):
        return False
    changes = {"status": Status.CONFIRMED, "confirmed_at": now, "cancelled_at": None, "cancel_reason": ""}
    try:
        with transaction.atomic():
            # Later than a calendar file that says that it is off.
            Booking.objects.filter(pk=booking.pk).update(**changes, sequence=F("sequence") + 2)
    except IntegrityError as problem:
        if isinstance(problem.__cause__, ExclusionViolation):
            raise SlotUnavailable from problem
        raise
    booking.refresh_from_db()
    mark_changed(booking.tradie_id)
    record(booking, EventKind.CONFIRMED, by=by, now=now, detail="after it was declined")
    messages.tell_confirmed(booking, now=now)
    return True
