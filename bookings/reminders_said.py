"""A reminder that is about to be sent: whether it still is one, and what of it fits into an SMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from notifications.delivery import render
from notifications.kinds import NoLongerApplies
from notifications.models import Channel, Message
from notifications.sending_rules import settings_of, takes_replies
from notifications.sms_text import LONGEST, gsm, short_name

from .models import Booking
from .reminder_links import reminders_url
from .reminder_rules import Reminder, require_useful

BEFORE_THE_ADDRESS = len(" at ")
WORTH_SAYING = 8  # letters: less of an address tells nobody anything


def require_still_due(reminder: Reminder, booking: Booking, message: Message, *, now: datetime) -> None:
    """Raises NoLongerApplies, or NotYet at night."""
    if datetime.fromisoformat(message.facts["starts_at"]) != booking.starts_at:
        raise NoLongerApplies("The booking was moved.")
    if booking.late_minutes:
        raise NoLongerApplies("They were told that it will be later.")
    if booking.asked_to_move_at:
        raise NoLongerApplies("The business can't make that time.")
    require_useful(reminder, booking.starts_at, booking.tradie.timezone, now=now)
    if not getattr(settings_of(booking.tradie), reminder.setting):
        raise NoLongerApplies("The business has switched these reminders off.")


def said_besides(booking: Booking, message: Message, context: Mapping[str, Any]) -> dict[str, Any]:
    """What only reminders say: how to get none, or what of the address fits into an SMS."""
    if message.channel == Channel.SMS:
        invites = takes_replies(booking.tradie_id) and _fits(message.kind, {**context, "invites": True})
        more = {**context, "invites": invites}
        return {"invites": invites, "address_short": address_that_fits(message.kind, more)}
    return {"unsubscribe_url": reminders_url(booking)}


def _fits(kind: str, context: Mapping[str, Any]) -> bool:
    """Without the address, which takes what is left."""
    return len(gsm(render(kind, "sms.txt", {**context, "address_short": ""}).strip())) <= LONGEST


def address_that_fits(kind: str, context: Mapping[str, Any]) -> str:
    """The street, as far as one SMS has room for it; nothing where that is too little."""
    rest = gsm(render(kind, "sms.txt", {**context, "address_short": ""}).strip())
    room = LONGEST - len(rest) - BEFORE_THE_ADDRESS
    if room < WORTH_SAYING:
        return ""
    return short_name(context["street"], longest=room, instead="")
