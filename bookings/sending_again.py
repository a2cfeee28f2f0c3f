"""A message about a booking once more, because its customer didn't get it, or can't find it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from notifications import kinds, opt_outs
from notifications.budgets import NoRoom
from notifications.models import Channel, Message
from notifications.outbox import TOO_MANY, copies_of, copy_of, queue_messages
from peepopay.errors import BookingNotChangeable, RateLimited

from .actors import By
from .expected import over_by
from .lifecycle import record
from .message_kinds import CUSTOMER, KINDS
from .models import Booking, EventKind
from .telling import recipient_of

MOST_AN_HOUR = 3  # of one booking
AN_HOUR = timedelta(hours=1)
ENOUGH = f"{MOST_AN_HOUR} messages an hour can be sent again for a booking. Please wait, or call."
ENOUGH_FOR_THEM = "They have had a lot of messages today. Please call, or try again tomorrow."


@transaction.atomic
def send_again(booking: Booking, message: Message, *, press: UUID, by: By, now: datetime) -> bool:
    """To where its customer is reached by now, in words that are true now. False: this press of the button was seen
    before. Raises BookingNotChangeable where it would not be sent, and says why; RateLimited."""
    Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
    copy = copy_of(message, press=press.hex, now=now)
    if Message.objects.filter(dedupe_key=copy.dedupe_key).exists():
        return False
    if not may_be_sent_again(booking, message, now=now):
        raise BookingNotChangeable("That message can't be sent again, as things are now.")
    copy.recipient = _recipient_of(booking, message)
    _require_wanted(copy, now)
    if copies_of(booking.pk, since=now - AN_HOUR).count() >= MOST_AN_HOUR:
        raise RateLimited(ENOUGH)
    _queue(copy)
    what = f"{message.get_channel_display()}: {message.kind.replace('_', ' ')}"
    record(booking, EventKind.SENT_AGAIN, by=by, now=now, detail=what)
    return True


def _queue(copy: Message) -> None:
    try:
        queue_messages([copy], asked_for=True)
    except NoRoom as problem:
        raise RateLimited(ENOUGH_FOR_THEM) from problem
    if copy.skipped_because:  # a text is left out without a word
        raise RateLimited(ENOUGH_FOR_THEM)


def may_be_sent_again(booking: Booking, message: Message, *, now: datetime) -> bool:
    """What their customer got, or would have got; as far as it can be told without looking anything up."""
    kind = KINDS.get(message.kind)
    if message.audience != CUSTOMER or booking.erased_at or (kind and kind.on_site):
        return False
    if kind and (
        booking.status not in kind.while_status or (kind.before_the_job_ends and over_by(booking) <= now)
    ):
        return False
    return message.state in ("sent", "failed") or message.skipped_because == TOO_MANY


def _recipient_of(booking: Booking, message: Message) -> str:
    address = recipient_of(booking, CUSTOMER, Channel(message.channel))
    if not address:
        raise BookingNotChangeable("There is no address or mobile number to send that to.")
    return address


def _require_wanted(copy: Message, now: datetime) -> None:
    """As it is looked at again when it is sent: who presses the button hears it at once."""
    kind = kinds.find(copy.kind)
    try:
        opt_outs.require_wanted(copy, is_reminder=kind.is_reminder)
        kind.context_for(copy, now=now)
    except kinds.NoLongerApplies as problem:
        raise BookingNotChangeable(f"That can't be sent again. {problem}") from problem
    except kinds.NotYet:
        pass  # it waits until they are up
