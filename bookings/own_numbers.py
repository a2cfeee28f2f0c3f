"""A number that texts of a business go to is anybody's until whoever typed it has entered a code that we sent there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Membership
from notifications import budgets, kinds
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay.errors import RateLimited
from peepopay.throttling import count_try

from .news import choice_of, person

CODE = "number_code"
DIGITS = 6
A_DAY = timedelta(days=1)
MOST_TRIES = 10  # of a person in a day, right or wrong


def number_to_confirm(member: Membership) -> str:
    """Where their texts go; "" where they go nowhere, or to a number that was confirmed. Two queries."""
    number = choice_of(person(member), member.tradie).mobile
    return "" if not number or budgets.is_own(number) else number


@transaction.atomic
def send_code(member: Membership, number: str, *, now: datetime) -> None:
    """The same all day. Raises RateLimited where that number had its texts of the day."""
    message = Message(
        tradie_id=member.tradie_id,
        about=member.user_id,
        kind=CODE,
        audience=Audience.TRADIE,
        channel=Channel.SMS,
        recipient=number,
        dedupe_key=f"{member.user_id}:{CODE}:{number}:{now:%Y%m%dT%H%M%S}",
        facts={"day": f"{now:%Y-%m-%d}"},
        due_at=now,
    )
    queue_messages([message])
    if message.skipped_because:
        raise RateLimited("That number had its texts of today. Please try again tomorrow.")


def confirm_number(member: Membership, number: str, code: str, *, now: datetime) -> bool:
    """Whether that was the code of today, or of yesterday; then the number is theirs. Raises RateLimited."""
    if count_try(f"number code:{member.user_id}", window=A_DAY, now=now) > MOST_TRIES:
        raise RateLimited("That was a lot of wrong codes. Please try again tomorrow.")
    codes = [_code(member.user_id, number, day.date()) for day in (now, now - A_DAY)]
    if not any(constant_time_compare(code, right) for right in codes):
        return False
    budgets.confirm_own(number, now=now)
    return True


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """The code itself, which is kept nowhere."""
    return {"code": _code(message.about, message.recipient, date.fromisoformat(message.facts["day"]))}


def _code(user_id: Any, number: str, day: date) -> str:
    of = f"{user_id}:{number}:{day}"
    digest = salted_hmac("bookings.own_numbers", of, algorithm="sha256").digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"


kinds.register(CODE, channels=(Channel.SMS,), context_for=context_for)
