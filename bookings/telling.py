"""Messages about a booking as rows, in the caller's transaction; what there is to tell is in `messages.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from notifications.budgets import NoRoom
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay import outbox

from . import news
from .limits import too_many_messages
from .message_kinds import CUSTOMER, EMAIL, EVERY_WAY, KINDS, SMS, Kind
from .models import Booking
from .news import Reader


def tell(
    booking: Booking,
    *kinds: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    occasion: object = "",
    asked_for: bool = False,
    courtesy: bool = False,
    replacing: Collection[str] = (),
    due_at: datetime | None = None,
    channels: Collection[Channel] = EVERY_WAY,
) -> None:
    """Messages of these kinds, to whom each is for. `occasion` tells two of a kind about one booking apart; without it,
    two about the same time of the booking are one. Raises CallInstead for one that was `asked_for` and has no room."""
    rows = [
        _message(booking, kind, reader, dict(facts or {}), occasion, due_at or now)
        for kind in kinds
        for reader in _readers(booking, KINDS[kind])
        if reader.channel in channels
    ]
    # Where a deposit is due, or a card to be saved, nobody is told of anything before it is.
    paid_for = booking.terms.is_held_first
    of_money = any((facts or {}).get(name) for name in ("refund_cents", "amount_cents"))
    try:
        queue_messages(
            rows,
            asked_for=asked_for,
            paid_for=paid_for,
            courtesy=courtesy,
            of_money=of_money,
            replacing=replacing,
        )
    except NoRoom as problem:
        raise too_many_messages(booking.tradie) from problem


def _message(
    booking: Booking,
    kind: str,
    reader: Reader,
    facts: dict[str, Any],
    occasion: object,
    due_at: datetime,
) -> Message:
    return Message(
        tradie_id=booking.tradie_id,
        about=booking.pk,
        kind=kind,
        audience=KINDS[kind].audience,
        channel=reader.channel,
        recipient=reader.address,
        dedupe_key=_dedupe_key(booking, kind, reader.channel, occasion) + reader.key,
        facts={"sequence": booking.sequence, **facts},
        due_at=due_at,
    )


def _dedupe_key(booking: Booking, kind: str, channel: Channel, occasion: object) -> str:
    return f"{booking.pk}:{kind}:{KINDS[kind].audience}:{channel}:{occasion or booking.sequence}"


def call_off(
    booking: Booking,
    kind: str,
    occasion: object,
    *,
    now: datetime,
    because: str = "A later mail says it all.",
) -> Message | None:
    """The mail of that kind, if nobody has begun to send it; it is not sent any more."""
    key = _dedupe_key(booking, kind, EMAIL, occasion)
    waiting = outbox.open_rows(Message).filter(dedupe_key=key, attempts=0).select_for_update().first()
    if waiting:
        Message.objects.filter(pk=waiting.pk).update(done_at=now, skipped_because=because)
    return waiting


def _readers(booking: Booking, kind: Kind) -> list[Reader]:
    if kind.news:
        return [reader for reader in news.readers(booking, kind.news) if reader.channel in kind.channels]
    if kind.on_site:
        number = _number_on_site(booking)
        return [Reader(SMS, number)] if number else []
    found = [Reader(channel, recipient_of(booking, kind.audience, channel)) for channel in kind.channels]
    return [reader for reader in found if reader.address]


def _number_on_site(booking: Booking) -> str:
    """Nothing where that is the customer's own, who is told anyway."""
    is_theirs = booking.site_phone == booking.customer_phone
    return news.for_sms(booking.site_phone) if booking.tell_customer and not is_theirs else ""


def recipient_of(booking: Booking, audience: Audience, channel: Channel) -> str:
    """The address, or nothing, as where the business was asked to send none."""
    if audience == CUSTOMER and not booking.tell_customer:
        return ""
    if channel == EMAIL:
        return booking.customer_email if audience == CUSTOMER else booking.tradie.email
    return news.for_sms(booking.customer_phone if audience == CUSTOMER else booking.tradie.mobile)
