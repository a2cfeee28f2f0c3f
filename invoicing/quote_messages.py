"""Who is told what about a quote, written in the transaction of the change. That it was accepted, the messages of its
booking say: they carry its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.logos import looks_of
from accounts.models import Tradie
from bookings.message_context import one_line
from notifications import budgets, kinds
from notifications.budgets import NoRoom
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from notifications.sms_text import short_name
from peepopay import local_time
from peepopay.errors import RateLimited
from peepopay.money import dollars
from peepopay.phone import as_written

from .quote_models import Quote, QuoteVersion
from .quote_states import QuoteState, job_of, state_of
from .quote_terms import last_day_of
from .quote_tokens import link_of

CUSTOMER, TRADIE = Audience.CUSTOMER, Audience.TRADIE
EMAIL, SMS = Channel.EMAIL, Channel.SMS
A_DAY = timedelta(days=1)
ENOUGH = "We've sent a lot of messages to that address today. Please try again tomorrow."
REMINDED_AT = time(10)  # on the tradie's clock: nobody is woken by it


@dataclass(frozen=True)
class Kind:
    """`while_state`: it is not sent once the quote is anything else."""

    audience: Audience
    channels: tuple[Channel, ...]
    while_state: tuple[QuoteState, ...]


ANY_STATE = tuple(QuoteState)
SENT, LINK, LAPSES, WITHDRAWN, DECLINED = (
    "quote_sent",
    "quote_link",
    "quote_lapses_soon",
    "quote_withdrawn",
    "quote_declined_tradie",
)
KINDS: dict[str, Kind] = {
    SENT: Kind(CUSTOMER, (EMAIL, SMS), (QuoteState.SENT,)),
    LINK: Kind(CUSTOMER, (EMAIL,), ANY_STATE),
    LAPSES: Kind(CUSTOMER, (EMAIL, SMS), (QuoteState.SENT,)),
    WITHDRAWN: Kind(CUSTOMER, (EMAIL,), (QuoteState.WITHDRAWN,)),
    DECLINED: Kind(TRADIE, (EMAIL,), (QuoteState.DECLINED,)),
}


def tell_sent(quote: Quote, *, now: datetime) -> None:
    """The customer: here is the quote, or the changed one; and, unless they have answered by then, the day before it
    lapses. Raises RateLimited when their messages of the day are used up."""
    _tell(quote, SENT, now=now, occasion=f"{now:%Y%m%dT%H%M%S.%f}", asked_for=True)
    if (due_at := _day_before(quote)) > now + timedelta(hours=12):
        assert quote.current
        _tell(quote, LAPSES, now=due_at, occasion=quote.current.number, counted=False)


def tell_link(quote: Quote, *, now: datetime) -> None:
    """The customer: the link that opens it from now on. Raises RateLimited."""
    _tell(quote, LINK, now=now, occasion=quote.token_number, asked_for=True)


def tell_withdrawn(quote: Quote, *, now: datetime) -> None:
    _tell(quote, WITHDRAWN, now=now, occasion=f"{now:%Y%m%dT%H%M%S.%f}")


def tell_declined(quote: Quote, *, now: datetime) -> None:
    """The tradie: no, and why, if the customer said so."""
    _tell(quote, DECLINED, now=now, occasion=f"{now:%Y%m%dT%H%M%S.%f}")


def sent_since_yesterday(tradie: Tradie, now: datetime) -> int:
    """How many quotes and links a business had mailed in 24 hours."""
    mails = Message.objects.filter(tradie=tradie, kind__in=(SENT, LINK), channel=EMAIL)
    return mails.filter(created_at__gt=now - A_DAY).count()


def _day_before(quote: Quote) -> datetime:
    assert quote.current
    zone_name = quote.tradie.timezone
    day = last_day_of(quote.current, zone_name) - A_DAY
    return datetime.combine(day, REMINDED_AT, local_time.zone(zone_name))


def _tell(
    quote: Quote,
    kind: str,
    *,
    now: datetime,
    occasion: object,
    asked_for: bool = False,
    counted: bool = True,
) -> None:
    audience = KINDS[kind].audience
    rows = [
        Message(
            tradie_id=quote.tradie_id,
            about=quote.pk,
            kind=kind,
            audience=audience,
            channel=channel,
            recipient=recipient,
            dedupe_key=f"{quote.pk}:{kind}:{audience}:{channel}:{occasion}",
            facts={"version": quote.current.number if quote.current else 0, "link": quote.token_number},
            due_at=now,
        )
        for channel in KINDS[kind].channels
        if (recipient := _recipient(quote, audience, channel))
    ]
    try:
        queue_messages(rows, asked_for=asked_for, counted=counted)
    except NoRoom as problem:
        raise RateLimited(ENOUGH) from problem


def _recipient(quote: Quote, audience: Audience, channel: Channel) -> str:
    """As `bookings.messages` has it: SMS goes to Australian mobiles only."""
    if audience == TRADIE:
        return quote.tradie.email
    if channel == EMAIL:
        return quote.customer_email
    return quote.customer_phone if quote.customer_phone.startswith("+614") else ""


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the message's templates need, as of now. Raises NoLongerApplies when it would tell something untrue."""
    rows = Quote.objects.select_related("tradie", "current__service")
    quote = rows.filter(pk=message.about, current__isnull=False).first()
    if quote is None or quote.erased_at:
        raise NoLongerApplies("The quote is gone.")
    job = job_of(quote)
    state = state_of(quote, job.status if job else None, now)
    if state not in KINDS[message.kind].while_state or (job and message.kind != LINK):
        raise NoLongerApplies(f"The quote is {'being paid for' if job else state.label.lower()} now.")
    assert quote.current
    if message.facts["version"] != quote.current.number:
        raise NoLongerApplies("The quote was changed again.")
    if message.facts["link"] != quote.token_number:
        raise NoLongerApplies("It has a newer link.")
    # Written ahead, it is counted on the day on which it goes.
    if message.kind == LAPSES and not budgets.take_one(Channel(message.channel), message.recipient, now=now):
        raise NoLongerApplies("Too many messages to them in a day.")
    return {**_phrases(quote, quote.current), **_envelope(quote, message.audience)}


def _phrases(quote: Quote, version: QuoteVersion) -> Mapping[str, Any]:
    tradie, sums = quote.tradie, version.totals
    until = local_time.day_of(last_day_of(version, tradie.timezone))
    return {
        "quote": quote,
        "title": one_line(version.title),
        "title_short": short_name(version.title, instead="the job"),
        "words": version.message,
        "lines": written_lines(version),
        "is_changed": version.number > 1,
        "price": dollars(version.price_cents),
        "gst": dollars(sums.gst_cents) if version.gst_registered else "",
        "deposit": dollars(version.deposit_cents) if version.deposit_cents else "",
        "until": until,
        "reason": quote.decline_reason,
        "quote_url": link_of(quote),
        "dashboard_url": settings.SITE_URL + reverse("dashboard_quote", args=[quote.pk]),
        "business": one_line(tradie.business_name),
        "business_short": short_name(tradie.business_name),
        "business_phone": as_written(tradie.phone),
        **looks_of(tradie),
        "customer": one_line(quote.customer_name),
        "customer_phone": as_written(quote.customer_phone),
    }


def written_lines(version: QuoteVersion) -> list[tuple[str, str]]:
    """[("Tap (2 x $45)", "$90")]"""
    return [line.written for line in version.terms.quote_lines]


def _envelope(quote: Quote, audience: str) -> dict[str, str]:
    """An answer to the mail reaches the other side, not us."""
    if audience == TRADIE:
        return {"reply_to": quote.customer_email}
    name = one_line(quote.tradie.business_name)
    return {"from_name": f"{name} via PeepoPay", "reply_to": quote.tradie.email}


for _name, _kind in KINDS.items():
    kinds.register(_name, channels=_kind.channels, context_for=context_for)
