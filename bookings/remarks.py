"""What a business writes down about a job, for its own eyes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .actors import By
from .lifecycle import record
from .models import Booking, EventKind


@transaction.atomic
def change_notes(booking: Booking, text: str, *, by: By, now: datetime) -> bool:
    """False: they said that already."""
    changed = Booking.objects.filter(pk=booking.pk).exclude(tradie_notes=text).update(tradie_notes=text)
    if not changed:
        return False
    booking.tradie_notes = text
    record(booking, EventKind.NOTED, by=by, now=now)
    return True
