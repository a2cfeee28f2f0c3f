"""What people may do that nobody has paid for: so many times held, so many moves, so many messages.

A booking is *unconfirmed* until its deposit is paid or its customer said, behind the link of our mail or SMS, that it
is theirs (`acknowledgement.py`). Everybody behind one e-mail address, one phone number or one network address counts as
one, since each of them may be made up. Network addresses are shared and change hands, so of those a day counts.
`RATE_LIMITS=off` lifts all of this.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Q

from accounts.models import Tradie
from notifications import budgets
from notifications.budgets import mailbox
from notifications.models import Channel
from peepopay.errors import CallInstead, RateLimited
from peepopay.phone import as_written

from .details import Attempt, Details
from .models import HELD, UNPAID, Actor, Booking, EventKind

A_DAY = timedelta(days=1)
MOST_UNCONFIRMED = 3
MOST_UNPAID = 10  # confirmed ones too
MOVES_A_DAY = {Actor.CUSTOMER: 3, Actor.TRADIE: 10}  # of one booking


class Standing(NamedTuple):
    """What one e-mail address, phone number or network address has that is neither paid for nor over."""

    unpaid: int
    unconfirmed: int
    held: int  # of these, what lapses in a few minutes

    @property
    def is_full(self) -> bool:
        return self.unpaid >= MOST_UNPAID or self.unconfirmed >= MOST_UNCONFIRMED

    def without_holds(self) -> Standing:
        return Standing(self.unpaid - self.held, self.unconfirmed - self.held, 0)


def require_room_for(
    tradie: Tradie,
    details: Details,
    attempt: Attempt,
    now: datetime,
    *,
    to_pay: bool,
    ignoring: Booking | None,
) -> None:
    """Whether this customer may have one more, of which they will be told once it is paid (`to_pay`), or else at once.
    Call it with `names_to_lock` held, so that of many at once no more get through than of many in a row.

    Raises RateLimited where a few minutes help, else CallInstead."""
    if not settings.RATE_LIMITS:
        return
    standings, mails_left = _standings(details, attempt, now, ignoring)
    if to_pay and mails_left <= standings[0].held:
        raise too_many_messages(tradie)
    full = [standing for standing in standings if standing.is_full]
    if any(standing.without_holds().is_full for standing in full):
        raise CallInstead(
            "You already have several bookings that nobody has confirmed. Open the link in our message about one and"
            f" press the button there, or call {as_written(tradie.phone)}."
        )
    if full:
        raise RateLimited(
            "You're already holding several times. Pay for one, or wait a few minutes until they lapse."
        )


def names_to_lock(details: Details, attempt: Attempt) -> list[str]:
    if not settings.RATE_LIMITS:
        return []
    named = {"email": mailbox(details.email), "phone": details.phone, "from": attempt.client_address_hash}
    return [f"booking {way} {value}" for way, value in named.items() if value]


def _standings(
    details: Details, attempt: Attempt, now: datetime, ignoring: Booking | None
) -> tuple[list[Standing], int]:
    """One for each way to know the customer by, first the e-mail address, and how many mails it may get today; one
    query."""
    ways = [Q(customer_email=details.email), Q(customer_phone=details.phone)]
    if attempt.client_address_hash:
        ways.append(Q(client_address_hash=attempt.client_address_hash, created_at__gt=now - A_DAY))
    rows = Booking.objects.filter(UNPAID, reduce(or_, ways), holds_for=None).filter(
        Q(status__in=HELD) | Q(ends_at__gt=now)
    )
    if ignoring:
        rows = rows.exclude(pk=ignoring.pk)
    counted = (Q(), Q(acknowledged_at=None), Q(status__in=HELD))  # as in Standing
    columns = [Count("pk", filter=way & which) for way in ways for which in counted]
    found = rows.aggregate(
        mails_left=budgets.Left(Channel.EMAIL, details.email, now=now),
        **{f"count{number}": column for number, column in enumerate(columns)},
    )
    numbers = [found[f"count{number}"] for number in range(len(columns))]
    standings = [Standing(*numbers[first : first + 3]) for first in range(0, len(numbers), 3)]
    return standings, found["mails_left"]


def require_few_moves(booking: Booking, actor: Actor, now: datetime) -> None:
    """Each move is told to both sides. Call it with the calendar locked. Raises CallInstead."""
    if not settings.RATE_LIMITS:
        return
    since = max(now - A_DAY, booking.confirmed_at or now)  # a hold may move about until it is paid
    moves = booking.events.filter(kind=EventKind.MOVED, actor=actor, at__gt=since).count()
    if moves >= MOVES_A_DAY[actor]:
        raise CallInstead(
            "This booking has been moved several times today. To move it again, please call"
            f" {as_written(booking.tradie.phone)}."
        )


def too_many_messages(tradie: Tradie) -> CallInstead:
    """For a change whose customer has been told enough for a day."""
    return CallInstead(
        "We've sent a lot of messages to this email or mobile today. Open the link in one of them and press the button"
        f" there, or call {as_written(tradie.phone)}."
    )
