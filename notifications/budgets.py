"""How many messages one e-mail address or phone number gets in a day, whoever causes them and by which door.

A stranger may type anybody's address into a booking, a sign-up or an invitation. So everything that is sent to people
takes from the budget of its recipient, which is small until they have *confirmed*: shown, by a link or a code that we
sent to that very address or number, that they read it there and that it is theirs (`confirm`).

Exact over any 24 hours and under concurrency: one statement takes for all recipients of a change, and holds their rows
until the change commits. It is the last thing but one that a change does, so nobody waits for long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from peepopay.asked_along import Asked

from .models import Audience, Channel, Message, Recipient

A_DAY = timedelta(days=1)
PERSON, TRADIE = "person", "tradie"  # whose budget it is
EVEN_WITHOUT_DOTS = {"gmail.com", "googlemail.com"}  # these deliver j.o@ and jo@ to one mailbox


class NoRoom(Exception):
    """A recipient of what is to be told about a change has had enough for a day."""


class Most(NamedTuple):
    """Messages in 24 hours."""

    unconfirmed: int
    confirmed: int


MOST = {Channel.EMAIL: Most(5, 30), Channel.SMS: Most(3, 15)}
# What anybody can have sent for the asking leaves one of each: for news that people must have, such as the tradie
# calling off a job, and for those who pay.
KEPT = 1
# News of money that was paid always goes. It counts, but that there is no room is no reason to keep it back; this many
# a day would be a flood, and the rest goes a day later.
MOST_OF_MONEY = 100
# Of a mail address that is verified (`web/dashboard/business_forms.py`) and a number that is their own: `confirm_own`.
MOST_TO_TRADIE = {Channel.EMAIL: 200, Channel.SMS: 30, Channel.PUSH: 200}

# `wanted`: what is asked for, a row for each recipient. A recipient that can't have it is left as it was.
_TAKE = """
WITH wanted AS (
    SELECT * FROM unnest(%(keys)s::text[], %(times)s::int[], %(unconfirmed)s::int[], %(confirmed)s::int[])
        AS w (key, times, unconfirmed, confirmed)
)
INSERT INTO notifications_recipient AS r (key, sent)
SELECT key, array_fill(%(at)s::timestamptz, ARRAY[times]) FROM wanted ORDER BY key
ON CONFLICT (key) DO UPDATE SET sent = ARRAY(SELECT at FROM unnest(r.sent) at WHERE at > %(since)s) || excluded.sent
WHERE (SELECT count(*) FROM unnest(r.sent) at WHERE at > %(since)s) + cardinality(excluded.sent) <= (
    SELECT CASE WHEN r.confirmed_at IS NULL THEN w.unconfirmed ELSE w.confirmed END FROM wanted w WHERE w.key = r.key
)
RETURNING key
"""
_LEFT = """coalesce((
    SELECT CASE WHEN confirmed_at IS NULL THEN %(unconfirmed_most)s::int ELSE %(confirmed_most)s::int END
      - (SELECT count(*) FROM unnest(sent) at WHERE at > %(sent_since)s)
    FROM notifications_recipient WHERE key = %(recipient)s
), %(unconfirmed_most)s::int)"""


class Wanted(NamedTuple):
    """So many messages for one recipient, who may have so many in all."""

    times: int
    most: Most


def take(
    messages: Sequence[Message], *, for_the_asking: bool = False, of_money: bool = False
) -> list[Message]:
    """Take these from the budgets of their recipients; returns those that there is no room for.

    `for_the_asking`: anybody could have caused them, at no cost. `of_money`: mails tell of money that was paid.
    """
    if not messages or not settings.RATE_LIMITS:
        return []
    keys = _keys(messages)
    times = Counter(keys)
    wanted = {
        key: Wanted(times[key], _most(key, message, for_the_asking, of_money))
        for key, message in zip(keys, messages, strict=True)
    }
    granted = _take(wanted, at=max(message.due_at for message in messages))
    return [message for key, message in zip(keys, messages, strict=True) if key not in granted]


def take_one(channel: Channel, address: str, *, now: datetime) -> bool:
    """The same for a message that is no row of ours, and that anybody can have sent. False: there is no room."""
    if not settings.RATE_LIMITS:
        return True
    return bool(_take({key_of(PERSON, channel, address): Wanted(1, _less(MOST[channel], KEPT))}, at=now))


def left(channel: Channel, address: str, *, now: datetime) -> Asked:
    """How many more messages there is room for."""
    most = MOST[channel]
    given = {
        "unconfirmed_most": most.unconfirmed,
        "confirmed_most": most.confirmed,
        "sent_since": now - A_DAY,
        "recipient": key_of(PERSON, channel, address),
    }
    return Asked(_LEFT, given)


def _take(wanted: dict[str, Wanted], *, at: datetime) -> set[str]:
    """The keys of those who can have all that is wanted for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "keys": list(wanted),
                "times": [one.times for one in wanted.values()],
                "unconfirmed": [one.most.unconfirmed for one in wanted.values()],
                "confirmed": [one.most.confirmed for one in wanted.values()],
                "at": at,
                "since": at - A_DAY,
            },
        )
        return {key for (key,) in cursor.fetchall()}


def _most(key: str, message: Message, for_the_asking: bool, of_money: bool) -> Most:
    if key.startswith(TRADIE):
        most = MOST_TO_TRADIE[Channel(message.channel)]
        return Most(most, most)
    if of_money and message.channel == Channel.EMAIL:
        return Most(MOST_OF_MONEY, MOST_OF_MONEY)
    return _less(MOST[Channel(message.channel)], KEPT if for_the_asking else 0)


def _less(most: Most, kept: int) -> Most:
    return Most(*(number - kept for number in most))


def confirm(channel: Channel, address: str, *, now: datetime) -> None:
    """Whoever reads this address or number has acted on a message of ours."""
    _confirm(key_of(PERSON, channel, address), now)


def confirm_own(number: str, *, now: datetime) -> None:
    """Whoever texts of a business go to there has entered a code of ours."""
    _confirm(key_of(TRADIE, Channel.SMS, number), now)


def is_own(number: str) -> bool:
    return bool(_own([number]))


def _own(numbers: Sequence[str]) -> set[str]:
    """The keys of those that were confirmed as somebody's own. One query, or none."""
    keys = [key_of(TRADIE, Channel.SMS, number) for number in numbers]
    rows = Recipient.objects.filter(key__in=keys, confirmed_at__isnull=False)
    return set(rows.values_list("key", flat=True)) if keys else set()


def _confirm(key: str, now: datetime) -> None:
    Recipient.objects.bulk_create(
        [Recipient(key=key, sent=[], confirmed_at=now)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["confirmed_at"],
    )


def forget(*, now: datetime) -> int:
    """Drop those who got nothing for a day and never confirmed; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM notifications_recipient WHERE confirmed_at IS NULL AND %s > ALL (sent)",
            [now - A_DAY],
        )
        return int(cursor.rowcount)


def _keys(messages: Sequence[Message]) -> list[str]:
    """What a tradie is told at their verified address or their own number is counted apart from what they get as
    anybody else would. Any number can be typed, so one that isn't confirmed is anybody's."""
    to_tradie = [message for message in messages if message.audience == Audience.TRADIE]
    own = _own([message.recipient for message in to_tradie if message.channel == Channel.SMS])

    def key(message: Message) -> str:
        theirs = key_of(TRADIE, message.channel, message.recipient)
        is_theirs = message.audience == Audience.TRADIE and (message.channel != Channel.SMS or theirs in own)
        return theirs if is_theirs else key_of(PERSON, message.channel, message.recipient)

    return [key(message) for message in messages]


def key_of(whose: str, channel: str, address: str) -> str:
    """The same for every way to write one mailbox, and not to be turned back."""
    named = mailbox(address) if channel == Channel.EMAIL else address
    hashed = salted_hmac("notifications.recipient", named, algorithm="sha256").hexdigest()
    return f"{whose}:{channel}:{hashed}"


def mailbox(address: str) -> str:
    """`"Jo"+plumber@Example.com` is jo@example.com: what stands behind a plus only sorts mail that arrived."""
    local, _, domain = address.lower().rpartition("@")
    local = local.replace('"', "").replace("\\", "").partition("+")[0]
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local.replace('.', '')}@gmail.com" if domain in EVEN_WITHOUT_DOTS else f"{local}@{domain}"
