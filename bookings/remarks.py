"""What a tradie writes down about a job, for their own eyes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .lifecycle import record
from .models import Actor, Booking, EventKind


@transaction.atomic
def change_notes(booking: Booking, text: str, *, now: datetime) -> bool:
    """False: they said that already."""
    changed = Booking.objects.filter(pk=booking.pk).exclude(tradie_notes=text).update(tradie_notes=text)
    if not changed:
        return False
    booking.tradie_notes = text
    record(booking, EventKind.NOTED, actor=Actor.TRADIE, now=now)
    return True
