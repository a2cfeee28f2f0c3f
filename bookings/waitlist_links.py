"""The link of somebody who waits: to what they are offered, and off the list."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from notifications.kinds import NoLongerApplies, NotYet
from notifications.models import Channel, Message
from peepopay import derived_tokens
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of
from peepopay.lookups import only

from .models import Booking
from .reminder_rules import morning_after
from .waiter_models import Waiter

PURPOSE = "bookings.waiter"


def new_token(waiter_id: object) -> str:
    return derived_tokens.new_token(PURPOSE, str(waiter_id))


def url_of(waiter: Waiter) -> str:
    """The page on which they take what they are offered, or leave the list."""
    token = derived_tokens.token_with(waiter.token_hash, PURPOSE, str(waiter.pk))
    return settings.SITE_URL + reverse("waiting", args=[token])


def find_by_token(token: str) -> Waiter | None:
    """With their business and what they are offered."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = Waiter.objects.select_related("tradie", "service", "offer__tradie", "offer__calendar")
    return only(rows.filter(token_hash=hash_of(token)))


def offer_context(booking: Booking, message: Message, *, now: datetime) -> dict[str, str]:
    """What only the message about an offer says. Raises NoLongerApplies for who left the list, NotYet for an SMS at
    night."""
    waiter = only(Waiter.objects.filter(offer=booking))
    if waiter is None:
        raise NoLongerApplies("They wait no longer.")
    morning = morning_after(now, booking.tradie.timezone)
    if morning and message.channel == Channel.SMS:
        raise NotYet(morning)
    return {"waiting_url": url_of(waiter)}
