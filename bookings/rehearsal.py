"""A booking from its first step to the mail that a customer gets, made in a transaction that is taken back: nothing is
sent, counted, charged or kept, and nobody else ever sees its time taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Service, Tradie
from availability.calendars import lock_calendars
from notifications import kinds
from notifications.delivery import render, without_gaps
from notifications.models import Audience, Channel, Message
from peepopay.local_time import in_zone

from .details import Attempt, Details
from .lifecycle import confirm_booking
from .models import Booking, Status
from .open_slots import OpenSlot, Wish, open_times, require_open_slot
from .scheduling import insert
from .terms import terms_for


@dataclass(frozen=True)
class Rehearsal:
    """What came of it; `text` is the customer's mail."""

    starts_at: datetime
    deposit_cents: int
    subject: str
    text: str


def rehearse(service: Service, *, now: datetime) -> Rehearsal | None:
    """The service at its next free time, as if somebody had booked, and paid any deposit. None: no time is free."""
    with rehearsed(service, now) as booking:
        if booking is None:
            return None
        subject, text = _mail_of(booking, now)
        return Rehearsal(booking.starts_at, booking.deposit_cents, subject, text)


@contextmanager
def rehearsed(service: Service, now: datetime) -> Iterator[Booking | None]:
    """The booking itself, which is gone with the block: whatever is done with it there is taken back too."""
    with transaction.atomic():
        lock_calendars(service.tradie_id)
        slot = _next_free(service, now)
        try:
            yield _booked(service, slot, now) if slot else None
        finally:
            transaction.set_rollback(True)


def _next_free(service: Service, now: datetime) -> OpenSlot | None:
    tradie, terms = service.tradie, terms_for(service, None)
    wish = Wish(tradie, service.pk, terms.job, now)
    today = in_zone(now, tradie.timezone).date()
    times = open_times(wish, today, today + timedelta(days=tradie.horizon_days), now)
    return require_open_slot(Wish(tradie, service.pk, terms.job, times[0]), now) if times else None


def _booked(service: Service, slot: OpenSlot, now: datetime) -> Booking:
    booking = insert(service, terms_for(service, None), slot, _somebody(service.tradie), Attempt(), now)
    if booking.status == Status.PENDING:
        confirm_booking(booking, now=now)
    return booking


def _mail_of(booking: Booking, now: datetime) -> tuple[str, str]:
    message = Message.objects.get(about=booking.pk, audience=Audience.CUSTOMER, channel=Channel.EMAIL)
    context = kinds.find(message.kind).context_for(message, now=now)
    subject = " ".join(render(message.kind, "subject.txt", context).split())
    return subject, without_gaps(render(message.kind, "body.txt", context))


def _somebody(tradie: Tradie) -> Details:
    return Details(
        name="Test Customer",
        email="test@example.com",
        phone=tradie.phone,
        line1="1 Test Street",
        suburb=tradie.suburb or "Testville",
        state=tradie.state,
        postcode="2000",
        notes="",
        answers={},
    )
