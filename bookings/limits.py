"""What people may do that nobody has paid for: so many times held, so many moves, so many messages.

A booking is *unconfirmed* until its deposit is paid or its customer said, behind the link of our mail or SMS, that it
is theirs (`acknowledgement.py`). Everybody behind one e-mail address, one phone number or one network address counts as
one, since each of them may be made up. Network addresses are shared and change hands, so of those a day counts.
`RATE_LIMITS=off` lifts all of this.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from accounts.models import Tradie
from availability import asked_places
from notifications import budgets
from notifications.budgets import mailbox
from notifications.models import Channel
from peepopay.asked_along import Asked
from peepopay.errors import CallInstead, RateLimited
from peepopay.phone import as_written

from .customers import Known, known
from .details import Attempt, Details
from .models import HELD, Actor, Booking, EventKind, Status

A_DAY = timedelta(days=1)
MOST_UNCONFIRMED = 3
MOST_UNPAID = 10  # confirmed ones too
MOVES_A_DAY = {Actor.CUSTOMER: 3, Actor.TRADIE: 10}  # of one booking

# Literals, not parameters: PostgreSQL must see that this implies the condition of three indexes, UNPAID in models.py.
_HELD = "status IN ({})".format(", ".join(f"'{status.value}'" for status in HELD))
_ON_TRUST = f"status IN ('{Status.REQUESTED.value}', '{Status.CONFIRMED.value}') AND deposit_cents = 0"
_UNPAID = f"({_HELD} OR {_ON_TRUST})"
_WAYS = (
    "customer_email = %(email)s",
    "customer_phone = %(phone)s",
    "client_address_hash = %(address)s AND created_at > %(for_a_day)s",
)
_COUNTED = ("true", "acknowledged_at IS NULL", _HELD)  # as in Standing
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {way} AND {which})" for way in _WAYS for which in _COUNTED)
_BY_ANY = " OR ".join(f"({way})" for way in _WAYS)
STANDINGS = f"""(
  SELECT ARRAY[{_COUNTS}] FROM bookings_booking
  WHERE {_UNPAID} AND ({_BY_ANY}) AND holds_for_id IS NULL
    AND id IS DISTINCT FROM %(ignoring)s::uuid AND ({_HELD} OR ends_at > %(now)s))"""  # noqa: S608


def require_few_places(tradie: Tradie, postcode: str, address_hash: str) -> None:
    """Whether a time can be driven to tells where the jobs around it are: nobody tries that with many postcodes. Raises
    CallInstead. Where that can't be counted they may book."""
    most = asked_places.MOST_BOOKED
    if address_hash and asked_places.may_ask(tradie.slug, postcode, address_hash, most=most) is False:
        raise CallInstead


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


def who_may_book(
    tradie: Tradie,
    details: Details,
    attempt: Attempt,
    now: datetime,
    *,
    to_pay: bool,
    ignoring: Booking | None,
) -> Known:
    """Who this customer is, who may have one more, of which they will be told once it is paid (`to_pay`), or else at
    once. Call it while holding the calendars, and `names_to_lock`, so that of many at once no more get through than of
    many in a row. One statement.

    Raises RateLimited where a few minutes help, else CallInstead."""
    if not settings.RATE_LIMITS:
        return known(tradie, details, now)
    mails = budgets.left(Channel.EMAIL, details.email, now=now)
    who = known(tradie, details, now, along=(_standings(details, attempt, now, ignoring), mails))
    counts, mails_left = who.answers
    _require_room(
        tradie, [Standing(*counts[at : at + 3]) for at in range(0, 9, 3)], mails_left, to_pay=to_pay
    )
    return who


def _require_room(tradie: Tradie, standings: list[Standing], mails_left: int, *, to_pay: bool) -> None:
    """`standings`: by e-mail address first, then by the other ways to know somebody."""
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


def _standings(details: Details, attempt: Attempt, now: datetime, ignoring: Booking | None) -> Asked:
    """The numbers of a Standing for each way to know the customer by, one after the other."""
    given = {
        "email": details.email,
        "phone": details.phone,
        "address": attempt.client_address_hash or None,
        "for_a_day": now - A_DAY,
        "ignoring": ignoring.pk if ignoring else None,
        "now": now,
    }
    return Asked(STANDINGS, given)


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
