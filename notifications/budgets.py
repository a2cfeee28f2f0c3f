"""How many messages one e-mail address or phone number gets in a day, whoever causes them and through which tradie.

A stranger may type anybody's address into a booking. So everything that is sent takes from the budget of its
recipient, which is small until they have *confirmed*: said, on a page that they can only have come to by a link we sent
to that very address or number, that what it is about is theirs (`confirm`).

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

from .models import Audience, Channel, Message, Recipient

A_DAY = timedelta(days=1)
EVEN_WITHOUT_DOTS = {"gmail.com", "googlemail.com"}  # these deliver j.o@ and jo@ to one mailbox


class NoRoom(Exception):
    """A recipient of what is to be told about a change has had enough for a day."""


class Most(NamedTuple):
    """Messages in 24 hours."""

    unconfirmed: int
    confirmed: int


MOST = {Channel.EMAIL: Most(5, 30), Channel.SMS: Most(3, 15)}
# A change that its customer asked for is refused before the last mail is gone: that one is for news that they must
# have, such as the tradie calling off a job.
KEPT_FOR_NEWS = {Channel.EMAIL: 1, Channel.SMS: 0}
MOST_TO_TRADIE = (
    200  # their address is verified (`web/dashboard/business_forms.py`); it is a flood that this ends
)

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


def take(messages: Sequence[Message], *, asked_for: bool = False) -> list[Message]:
    """Take these from the budgets of their recipients; returns those that there is no room for.

    `asked_for`: by the customer, by a change that can be refused.
    """
    if not messages or not settings.RATE_LIMITS:
        return []
    most = {_key(message): _most(message, asked_for) for message in messages}
    times = Counter(_key(message) for message in messages)
    at = max(message.due_at for message in messages)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "keys": list(most),
                "times": [times[key] for key in most],
                "unconfirmed": [most[key].unconfirmed for key in most],
                "confirmed": [most[key].confirmed for key in most],
                "at": at,
                "since": at - A_DAY,
            },
        )
        granted = {key for (key,) in cursor.fetchall()}
    return [message for message in messages if _key(message) not in granted]


def _most(message: Message, asked_for: bool) -> Most:
    if message.audience == Audience.TRADIE:
        return Most(MOST_TO_TRADIE, MOST_TO_TRADIE)
    channel = Channel(message.channel)
    kept = KEPT_FOR_NEWS[channel] if asked_for else 0
    return Most(*(most - kept for most in MOST[channel]))


def confirm(channel: Channel, address: str, *, now: datetime) -> None:
    """Whoever reads this address or number has acted on a message of ours."""
    Recipient.objects.bulk_create(
        [Recipient(key=key_of(Audience.CUSTOMER, channel, address), sent=[], confirmed_at=now)],
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


def _key(message: Message) -> str:
    return key_of(message.audience, message.channel, message.recipient)


def key_of(audience: str, channel: str, address: str) -> str:
    """The same for every way to write one mailbox, and not to be turned back."""
    named = mailbox(address) if channel == Channel.EMAIL else address
    hashed = salted_hmac("notifications.recipient", named, algorithm="sha256").hexdigest()
    return f"{audience}:{channel}:{hashed}"


def mailbox(address: str) -> str:
    """`"Jo"+plumber@Example.com` is jo@example.com: what stands behind a plus only sorts mail that arrived."""
    local, _, domain = address.lower().rpartition("@")
    local = local.replace('"', "").replace("\\", "").partition("+")[0]
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local.replace('.', '')}@gmail.com" if domain in EVEN_WITHOUT_DOTS else f"{local}@{domain}"
