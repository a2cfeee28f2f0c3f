"""What people want no more of, and that it is kept to: looked at when a message is sent, not when it is written.

Whoever replies STOP gets no SMS of ours any more, of whatever kind and from whichever business: the number that they
replied to is everybody's. Whoever presses "Stop reminders" gets none from that business, and still what they must know.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Tradie
from peepopay import sweeps
from peepopay.written_once import Given, WrittenOnce

from .budgets import mailbox
from .kinds import NoLongerApplies
from .models import Channel, Message, OptOut, StoppedBy, TextSeen

# As Twilio takes them by itself: https://help.twilio.com/articles/223134027
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "UNSTOP", "YES"}


def require_wanted(message: Message, *, is_reminder: bool) -> None:
    """Raises NoLongerApplies. No query for what people must have, but for texts."""
    if message.channel != Channel.SMS and not is_reminder:
        return
    found = _of_address(
        address=_written(message.channel, message.recipient),
        tradie=message.tradie_id if is_reminder else None,
    )
    of_all = {row.tradie_id is None for row in found}
    if True in of_all:
        raise NoLongerApplies("Texts are off for this number: they replied STOP.")
    if of_all:
        raise NoLongerApplies("They want no reminders.")


def in_force() -> QuerySet[OptOut]:
    return OptOut.objects.filter(started_at=None)


# Of a business, or with None only what is said to all of them.
_of_address = WrittenOnce(
    lambda: in_force().filter(Q(tradie=None) | Q(tradie=Given("tradie")), address=Given("address"))
)


def texts_stopped(number: str) -> OptOut | None:
    """Since when, and how, texts to this number are off; None: they are not."""
    return in_force().filter(tradie=None, address=number).first()


class Wants(NamedTuple):
    """What somebody said they want no more of, as one business may know it; None: nothing of that kind."""

    no_texts: OptOut | None
    no_reminders: OptOut | None


def said_by(tradie_id: uuid.UUID, *, email: str, phone: str) -> Wants:
    """One query."""
    addresses = _both(email, phone)
    found = list(in_force().filter(Q(tradie=None) | Q(tradie=tradie_id), address__in=addresses))
    no_texts = next((row for row in found if row.tradie_id is None and row.address == phone), None)
    return Wants(no_texts, next((row for row in found if row.tradie_id), None))


def stop_texts(number: str, *, by: StoppedBy, now: datetime) -> None:
    _stop(None, number, by, now)


def start_texts(number: str, *, now: datetime) -> None:
    in_force().filter(tradie=None, address=number).update(started_at=now)


class Word(StrEnum):
    STOP = "stop"
    START = "start"
    OTHER = "other"


@transaction.atomic
def take_reply(number: str, body: str, *, seen_as: str, now: datetime) -> Word | None:
    """What somebody texted back: STOP or START, in whatever spelling and with nothing else, is kept to. None: it is a
    copy of one that came before (`seen_as`: its provider's id)."""
    _, is_new = TextSeen.objects.get_or_create(pk=seen_as, defaults={"seen_at": now})
    if not is_new:
        return None
    word = "".join(letter for letter in body.upper() if letter.isalnum())
    if word in STOP_WORDS:
        stop_texts(number, by=StoppedBy.REPLY, now=now)
        return Word.STOP
    if word in START_WORDS:
        start_texts(number, now=now)
        return Word.START
    return Word.OTHER


@transaction.atomic
def stop_reminders(tradie_id: uuid.UUID, *, email: str, phone: str, now: datetime) -> None:
    """Of this business, to this mailbox and this number."""
    for address in _both(email, phone):
        _stop(tradie_id, address, StoppedBy.LINK, now)


def start_reminders(tradie_id: uuid.UUID, *, email: str, phone: str, now: datetime) -> None:
    in_force().filter(tradie=tradie_id, address__in=_both(email, phone)).update(started_at=now)


def wants_reminders(tradie_id: uuid.UUID, *, email: str, phone: str) -> bool:
    return not in_force().filter(tradie=tradie_id, address__in=_both(email, phone)).exists()


def forget_seen(*, before: datetime) -> int:
    """Providers give up after some hours; returns how many went."""
    return sweeps.forget(TextSeen.objects.filter(seen_at__lt=before))


def _both(email: str, phone: str) -> list[str]:
    written = [_written(Channel.EMAIL, email) if email else "", phone]
    return [address for address in written if address]


def _stop(tradie_id: uuid.UUID | None, address: str, by: StoppedBy, now: datetime) -> None:
    """The time stays that of the first, as long as it is in force."""
    row, is_new = OptOut.objects.get_or_create(
        tradie=tradie_id and Tradie(pk=tradie_id), address=address, defaults={"by": by, "stopped_at": now}
    )
    if not is_new:
        OptOut.objects.filter(pk=row.pk).exclude(started_at=None).update(
            by=by, stopped_at=now, started_at=None
        )


def _written(channel: str, address: str) -> str:
    return mailbox(address) if channel == Channel.EMAIL else address
