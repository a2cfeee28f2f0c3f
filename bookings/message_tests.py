"""A message to customers, sent to somebody of the business itself to see what it looks like."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import Membership, Tradie
from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from notifications.sending_rules import settings_of
from peepopay.errors import RateLimited
from peepopay.throttling import count_try

from .message_context import one_line
from .news import choice_of, person

TEST = "words_test"
MOST_AN_HOUR = 20  # of a business
ENOUGH = "It had its messages of today. A mobile gets more once you confirm it, under Your messages."


@transaction.atomic
def send_test(member: Membership, kind: str, channel: Channel, *, now: datetime) -> str:
    """To whoever asks, with the words that are saved: returns where it goes, or nothing where there is no number of
    theirs. Raises RateLimited."""
    own = choice_of(person(member), member.tradie)
    address = own.email if channel == Channel.EMAIL else own.mobile
    if not address:
        return ""
    tries = count_try(f"words test:{member.tradie_id}", window=timedelta(hours=1), now=now)
    if tries > MOST_AN_HOUR:
        raise RateLimited
    message = Message(
        tradie_id=member.tradie_id,
        about=member.tradie_id,
        kind=TEST,
        audience=Audience.TRADIE,
        channel=channel,
        recipient=address,
        dedupe_key=f"{member.tradie_id}:{TEST}:{get_random_string(20)}",
        facts={"of": kind},
        due_at=now,
    )
    queue_messages([message])
    if message.skipped_because:
        raise RateLimited(ENOUGH)
    return address


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """The example itself, made when it is sent. Raises NoLongerApplies."""
    from .message_examples import (
        example_of,  # here: it makes bookings, and what makes bookings sends messages
    )

    tradie, kind = Tradie.objects.get(pk=message.about), message.facts["of"]
    example = example_of(tradie, kind, settings_of(tradie).words.get(kind, {}), now=now)
    if example is None:
        raise NoLongerApplies("There is nothing to book, so nothing to show.")
    return {
        "business": one_line(tradie.business_name),
        "subject": example.subject,
        "text": example.text,
        "html": example.html,
        "sms": example.sms,
    }


kinds.register(TEST, channels=(Channel.EMAIL, Channel.SMS), context_for=context_for)
