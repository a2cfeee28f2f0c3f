"""Who is told what about a no-show and its fee. Each `tell_...` writes its rows in the caller's transaction; words,
dates and links are put in when a message is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.message_context import context_of, story_of
from bookings.models import Booking, Status, with_is_of_several
from bookings.proofs import link_token
from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay import local_time, outbox
from peepopay.money import dollars

from .models import Payment, PaymentStatus

MARKED, UNDONE = "no_show", "no_show_undone"
PAID, PAID_TRADIE = "no_show_fee_paid", "no_show_fee_paid_tradie"
TO_PAY, TO_PAY_TRADIE = "no_show_fee_to_pay", "no_show_fee_to_pay_tradie"
LAPSED_TRADIE = "no_show_fee_lapsed_tradie"
BY_MAIL, BY_BOTH = (Channel.EMAIL,), (Channel.EMAIL, Channel.SMS)
CHANNELS = {
    MARKED: BY_MAIL,
    UNDONE: BY_MAIL,
    PAID: BY_MAIL,
    PAID_TRADIE: BY_MAIL,
    TO_PAY: BY_BOTH,
    TO_PAY_TRADIE: BY_MAIL,
    LAPSED_TRADIE: BY_MAIL,
}
SLIP = timedelta(minutes=1)  # in which somebody notices that they pressed the wrong button


def tell_marked(booking: Booking, kept_cents: int, charge_cents: int, *, now: datetime) -> None:
    """The customer: they were missed, what is kept, and what is charged. A minute later: until then a slip is nobody's
    business. Marked first and charged later, it is told once if the mail has not gone out."""
    facts = {"kept_cents": kept_cents, "fee_cents": charge_cents}
    _tell(booking, MARKED, facts=facts, occasion=_moment(now), due_at=now + SLIP, replacing=(MARKED,))


def tell_undone(booking: Booking, back_cents: int, *, now: datetime) -> None:
    """The customer, if they were told of it, or money goes back."""
    waiting = outbox.open_rows(Message).filter(about=booking.pk, kind=MARKED, attempts=0)
    slips = waiting.update(done_at=now, skipped_because="It was taken back at once.")
    if back_cents or not slips:
        _tell(booking, UNDONE, facts={"refund_cents": back_cents}, occasion=_moment(now), due_at=now)


def tell_paid(payment: Payment, *, by_link: bool, now: datetime) -> None:
    """Both sides, once the money is there."""
    facts = {"fee_cents": payment.amount_cents, "by_link": by_link}
    for kind in (PAID, PAID_TRADIE):
        _tell(payment.booking, kind, facts=facts, occasion=payment.pk, due_at=now)


def tell_to_pay(payment: Payment, *, pay_by: datetime, now: datetime) -> None:
    """Both sides: the card could not be charged, and the customer has a link to pay by until then."""
    facts = {"fee_cents": payment.amount_cents, "pay_by": pay_by.isoformat(), "payment": str(payment.pk)}
    for kind in (TO_PAY, TO_PAY_TRADIE):
        _tell(payment.booking, kind, facts=facts, occasion=payment.pk, due_at=now)


def tell_lapsed(payment: Payment, *, now: datetime) -> None:
    """The business: the link was not used."""
    facts = {"fee_cents": payment.amount_cents}
    _tell(payment.booking, LAPSED_TRADIE, facts=facts, occasion=payment.pk, due_at=now)


def _moment(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S.%f}"


def _tell(
    booking: Booking,
    kind: str,
    *,
    facts: Mapping[str, Any],
    occasion: object,
    due_at: datetime,
    replacing: tuple[str, ...] = (),
) -> None:
    is_tradie = kind.endswith("_tradie")
    audience = Audience.TRADIE if is_tradie else Audience.CUSTOMER
    email = booking.tradie.email if is_tradie else booking.customer_email
    mobile = booking.customer_phone if booking.customer_phone.startswith("+614") else ""
    to = {Channel.EMAIL: email, Channel.SMS: mobile}
    rows = [
        Message(
            tradie_id=booking.tradie_id,
            about=booking.pk,
            kind=kind,
            audience=audience,
            channel=channel,
            recipient=to[channel],
            dedupe_key=f"{booking.pk}:{kind}:{channel}:{occasion}",
            facts=dict(facts),
            due_at=due_at,
        )
        for channel in CHANNELS[kind]
        if to[channel]
    ]
    queue_messages(rows, of_money=True, replacing=replacing)


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the message's templates need, as of now. Raises NoLongerApplies when it would tell something untrue."""
    rows = with_is_of_several(Booking.objects.select_related("tradie", "calendar"))
    booking, facts = rows.get(pk=message.about), message.facts
    if booking.status != (Status.CONFIRMED if message.kind == UNDONE else Status.NO_SHOW):
        raise NoLongerApplies(f"The booking is {booking.get_status_display().lower()} now.")
    if message.kind in (TO_PAY, TO_PAY_TRADIE):
        _require_unpaid(facts["payment"])
    context = context_of(story_of(booking, now=now), message, with_calendar_file=False)
    return {
        **context,
        "kept": dollars(facts["kept_cents"]) if facts.get("kept_cents") else "",
        "fee": dollars(facts["fee_cents"]) if facts.get("fee_cents") else "",
        "by_link": facts.get("by_link", False),
        "pay_by": _written(facts.get("pay_by"), booking.tradie.timezone),
        "pay_url": _pay_url(booking, message),
    }


def _require_unpaid(payment_id: str) -> None:
    payment = Payment.objects.get(pk=payment_id)
    if payment.status != PaymentStatus.OPEN or payment.called_off_at:
        raise NoLongerApplies("There is nothing left to pay.")


def _pay_url(booking: Booking, message: Message) -> str:
    if message.audience == Audience.TRADIE:
        return ""
    token = link_token(booking, message.channel, message.recipient)
    return settings.SITE_URL + reverse("pay", args=[token])


def _written(instant: str | None, zone: str) -> str:
    return local_time.moment(datetime.fromisoformat(instant), zone) if instant else ""


for _kind, _channels in CHANNELS.items():
    kinds.register(_kind, channels=_channels, context_for=context_for)
