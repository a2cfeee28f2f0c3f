"""What is to be sent is a row, written with the change it tells of; see `peepopay/outbox.py` for what follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Tradie
from accounts.people import owners_of
from peepopay import outbox

from . import budgets
from .budgets import NoRoom
from .models import Audience, Channel, Message

TOO_MANY = "Too many messages to them in a day."


def queue_messages(
    messages: list[Message],
    *,
    asked_for: bool = False,
    paid_for: bool = False,
    courtesy: bool = False,
    of_money: bool = False,
    counted: bool = True,
    replacing: Collection[str] = (),
) -> None:
    """Write them in the caller's transaction. One whose `dedupe_key` exists already is left out.

    Each takes from the budget of its recipient (`budgets.py`). One that there is no room for is written as skipped. If
    it is a mail about a change that its recipient seems to have asked for (`asked_for`), NoRoom is raised instead, to
    refuse that.
    `paid_for`: they paid, so it is not for the asking.
    `courtesy`: nobody needs it, so it leaves room for what they do.
    `of_money`: they tell of money that was paid. A mail of that is never left out, at most it goes a day later.
    `counted=False`: not taken from a budget, because somebody vouches for them.
    `replacing`: kinds of message about the same thing. One that no worker has begun on is not sent any more, and the
    new one takes its place.
    """
    in_place_of = _replace_waiting(messages, replacing) if replacing else set()
    new = [message for message in messages if _to(message) not in in_place_of]
    for_the_asking = courtesy or (asked_for and not paid_for)
    beyond = budgets.take(new, for_the_asking=for_the_asking, of_money=of_money) if counted else []
    if asked_for and any(_must_be_read(message) for message in beyond):
        raise NoRoom
    for message in beyond:
        if of_money and message.channel == Channel.EMAIL:
            message.due_at += budgets.A_DAY
        else:
            message.done_at, message.skipped_because = message.due_at, TOO_MANY
    outbox.put(messages)


def tell_owners(
    tradie: Tradie,
    kind: str,
    *,
    about: UUID,
    occasion: str,
    facts: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """A mail to each, in the caller's transaction; of one `occasion` one."""
    queue_messages(
        [
            Message(
                tradie=tradie,
                about=about,
                kind=kind,
                audience=Audience.TRADIE,
                channel=Channel.EMAIL,
                recipient=owner.email,
                dedupe_key=f"{occasion}:{kind}:{owner.pk}",
                facts=facts or {},
                due_at=now,
            )
            for owner in owners_of(tradie)
        ]
    )


def _must_be_read(message: Message) -> bool:
    """By whom the change is for; an SMS only says again what is in the mail, and the tradie has the dashboard."""
    return message.channel == Channel.EMAIL and message.audience != Audience.TRADIE


def _replace_waiting(messages: list[Message], kinds: Collection[str]) -> set[tuple[str, ...]]:
    """To whom, and how, the messages that are not sent now were to go."""
    about = {message.about for message in messages}
    waiting = outbox.open_rows(Message).filter(about__in=about, kind__in=kinds, attempts=0)
    found = list(waiting.select_for_update())
    Message.objects.filter(pk__in=[message.pk for message in found]).update(
        done_at=messages[0].due_at, skipped_because="A later change took its place."
    )
    return {_to(message) for message in found}


def _to(message: Message) -> tuple[str, ...]:
    return message.audience, message.channel, message.recipient


def send_again(messages: Iterable[Message], *, now: datetime) -> int:
    """A new message for each, because a person asked for it; what was sent stays on record. Returns how many."""
    copies = [copy_of(message, press=f"{now:%Y%m%dT%H%M%S}", now=now) for message in messages]
    queue_messages(copies, counted=False)
    return len(copies)


def copy_of(message: Message, *, press: str, now: datetime) -> Message:
    """The same once more, not yet written; of one `press` of a button there is one."""
    return Message(
        tradie_id=message.tradie_id,
        about=message.about,
        kind=message.kind,
        audience=message.audience,
        channel=message.channel,
        recipient=message.recipient,
        dedupe_key=f"{message.dedupe_key.partition('#')[0]}#{press}",
        facts=message.facts,
        due_at=now,
    )


def copies_of(about: UUID, *, since: datetime) -> QuerySet[Message]:
    """Those about this that somebody had sent again since then."""
    return Message.objects.filter(about=about, created_at__gt=since, dedupe_key__contains="#")
