"""What customers are sent, with what the business says besides, shown before anybody gets it: of a booking at its next
free time, made as every other one and taken back, so that its links lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Tradie
from notifications import kinds
from notifications.delivery import one_text, written
from notifications.models import Audience, Channel, Message
from notifications.sending_rules import settings_of
from notifications.sms_text import parts_of

from .actors import By
from .lifecycle import record
from .message_kinds import KINDS, REVIEW
from .models import Actor, Booking, EventKind, Status
from .rehearsal import rehearsed
from .reminder_rules import REMINDERS, due_at, morning_after

# Those to which a business may add words of its own, as people call them.
WORDED = {
    "booking_requested": "You were asked for a time",
    "booking_confirmed": "A booking is confirmed",
    "booking_declined": "You decline",
    "booking_moved": "A booking is moved",
    "booking_cancelled_by_tradie": "You cancel",
    "reminder_day_before": "The first reminder",
    "reminder_hours_before": "The last reminder",
    "on_my_way": "You are on your way",
    "running_late": "You are running late",
    REVIEW: "A customer is asked for a review",
}


@dataclass(frozen=True)
class Example:
    """A mail, and an SMS where the kind has one."""

    subject: str
    text: str
    html: str
    sms: str

    @property
    def letters(self) -> int:
        return len(self.sms)

    @property
    def parts(self) -> int:
        return parts_of(self.sms)


def channels_of(kind: str) -> tuple[Channel, ...]:
    return KINDS[kind].channels


def example_of(tradie: Tradie, kind: str, words: Mapping[str, str], *, now: datetime) -> Example | None:
    """None: there is nothing to book, so nothing to show."""
    service = tradie.services.filter(is_active=True).select_related("tradie").first()
    if service is None:
        return None
    with rehearsed(service, now) as booking:
        if booking is None:
            return None
        _make_it(booking, kind, now)
        mail = _context(booking, kind, Channel.EMAIL, words, now)
        sms = ""
        if Channel.SMS in channels_of(kind):
            sms = one_text(kind, _context(booking, kind, Channel.SMS, words, now))
        return Example(**written(kind, mail), sms=sms)


def _make_it(booking: Booking, kind: str, now: datetime) -> None:
    """What a booking is when such a message is sent."""
    status = KINDS[kind].while_status[-1]
    late = {"late_minutes": 30} if kind == "running_late" else {}
    called_off = {"cancelled_at": now} if status == Status.CANCELLED else {}
    Booking.objects.filter(pk=booking.pk).update(status=status, **late, **called_off)
    if called_off:
        record(booking, EventKind.CANCELLED, by=By(Actor.TRADIE), now=now)


def _context(
    booking: Booking, kind: str, channel: Channel, words: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """As of when it would be sent: nobody is reminded at night."""
    at = morning_after(now, booking.tradie.timezone) or now if kind == REVIEW else now
    if reminder := REMINDERS.get(kind):
        chosen = reminder.as_chosen(settings_of(booking.tradie))
        at = due_at(chosen, booking.starts_at, booking.tradie.timezone)
    message = Message(
        tradie=booking.tradie,
        about=booking.pk,
        kind=kind,
        audience=Audience.CUSTOMER,
        channel=channel,
        recipient=booking.customer_email if channel == Channel.EMAIL else booking.customer_phone,
        facts=_facts(booking),
    )
    context = kinds.find(kind).context_for(message, now=at)
    return {**context, "own_words": words.get(channel, "")}


def _facts(booking: Booking) -> dict[str, Any]:
    return {
        "sequence": booking.sequence,
        "starts_at": booking.starts_at.isoformat(),
        "late_minutes": 30,
        "refund_cents": booking.deposit_cents,
        "let_go_cents": 0,
        "kept_cents": 0,
        "outcome": "",
        "example_url": "https://example.com/your-page/review",
    }
