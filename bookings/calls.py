"""A customer who would rather talk asks to be called; it waits on Today until somebody did."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, TextChoices

from peepopay.errors import CallInstead
from peepopay.phone import as_written

from . import messages
from .actors import CUSTOMER, By
from .lifecycle import record
from .models import Booking, BookingEvent, EventKind

MOST_A_DAY = 3  # of one booking, each once the one before was answered
A_DAY = timedelta(days=1)


class BestTime(TextChoices):
    ANY = "any", "Any time"
    MORNING = "morning", "In the morning"
    AFTERNOON = "afternoon", "In the afternoon"
    EVENING = "evening", "In the evening"


@transaction.atomic
def ask_for_call(booking: Booking, *, best_time: BestTime, words: str, now: datetime) -> bool:
    """The business is told by mail, and by SMS of what is booked. False: they were asked already and have not called
    yet. Raises CallInstead after several times in a day."""
    wanted = Booking.objects.filter(pk=booking.pk, call_wanted_since=None, erased_at=None)
    if not wanted.update(call_wanted_since=now):
        return False
    booking.call_wanted_since = now
    asked = booking.events.filter(kind=EventKind.CALL_WANTED, at__gt=now - A_DAY)
    if asked.count() >= MOST_A_DAY:
        raise CallInstead(
            f"You've asked for several calls today. Please call {as_written(booking.tradie.phone)}."
        )
    detail = f"{best_time.label}. {words}".strip()
    record(booking, EventKind.CALL_WANTED, by=CUSTOMER, now=now, detail=detail)
    messages.tell_call_wanted(booking, best_time=best_time.label, words=words, now=now)
    return True


@transaction.atomic
def note_call(booking: Booking, *, by: By, now: datetime) -> bool:
    """Somebody called. False: nobody waits for a call."""
    waiting = Booking.objects.filter(pk=booking.pk, call_wanted_since__isnull=False)
    if not waiting.update(call_wanted_since=None):
        return False
    booking.call_wanted_since = None
    record(booking, EventKind.CALLED, by=by, now=now)
    return True


def calls_to_make(jobs: QuerySet[Booking]) -> QuerySet[Booking]:
    """Those whose customers wait for a call, the longest first, each with what they said as `call_words`."""
    asked = BookingEvent.objects.filter(booking=OuterRef("pk"), kind=EventKind.CALL_WANTED).order_by("-at")
    waiting = jobs.filter(call_wanted_since__isnull=False).order_by("call_wanted_since")
    return waiting.annotate(call_words=Subquery(asked.values("detail")[:1]))
