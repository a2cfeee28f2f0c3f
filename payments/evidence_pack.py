"""What speaks for a business in a dispute, in words: what was booked and agreed to, paid, told and done. Page and
document both show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bookings.calendar_file import address_of
from bookings.models import Actor, Booking, EventKind, Photo, Status
from bookings.photo_models import PhotoState
from bookings.photos import photos_of
from notifications.models import Audience, Message
from peepopay.local_time import day, moment, zone_label
from peepopay.money import dollars
from peepopay.phone import as_written

from .dispute_models import Dispute

MOST_LINES = 60  # of a part
PHOTOS = "Photos"
MOVED = "The booking was moved since, on the same terms. For the time that it has now:"
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    heading: str
    rows: Rows


@dataclass(frozen=True)
class Pack:
    """`parts` in order; the one named PHOTOS says whose each of `photos` is. `fields`: what Stripe has a field of its
    own for."""

    business: str
    reference: str
    made_at: datetime
    parts: tuple[Part, ...]
    photos: tuple[Photo, ...]
    fields: dict[str, str]


def pack_of(dispute: Dispute, *, words: str, now: datetime) -> Pack:
    """Its payment, booking and tradie loaded. Five queries."""
    booking = dispute.payment.booking
    cancelling = _cancelling(booking)
    photos = tuple(photos_of(booking).filter(state=PhotoState.READY))
    parts = [
        Part("The booking", _booking(booking)),
        Part("What was agreed before paying", _agreed(booking, cancelling)),
        Part("The payment", _payment(dispute)),
        Part("What happened", tuple(_history(booking))),
        Part("Messages to the customer", tuple(_messages(booking))),
        Part(PHOTOS, tuple(_photos(booking, photos))),
    ]
    if words:
        parts.insert(0, Part("In the words of the business", (("", words),)))
    return Pack(
        booking.tradie.business_name,
        booking.reference,
        now,
        tuple(part for part in parts if part.rows),
        photos,
        _fields(booking, cancelling, words),
    )


def _booking(booking: Booking) -> Rows:
    zone = booking.tradie.timezone
    starts, ends = booking.starts_at, booking.ends_at
    when = f"{moment(starts, zone)} to {moment(ends, zone)} ({zone_label(starts, zone)})"
    rows = [
        ("Reference", booking.reference),
        ("Service", booking.service_name),
        ("When", when),
        ("Where", address_of(booking)),
        ("Customer", booking.customer_name),
        ("Email", booking.customer_email),
        ("Phone", as_written(booking.customer_phone) if booking.customer_phone else ""),
        ("Notes of the customer", booking.notes),
        ("Booked", _at(booking, booking.created_at)),
        ("Now", _how_it_stands(booking)),
    ]
    return tuple((label, value) for label, value in rows if value)


def _how_it_stands(booking: Booking) -> str:
    return "Job done" if booking.status == Status.COMPLETED else booking.get_status_display()


def _agreed(booking: Booking, cancelling: str) -> Rows:
    """The terms frozen into the booking, as the page showed them before the card was charged."""
    price = f"{'from ' if booking.price_from else ''}{dollars(booking.price_cents)}"
    if booking.call_out_fee_cents:
        price += f", {dollars(booking.call_out_fee_cents)} of it the call-out fee"
    return (
        ("Shown and accepted", f"{_at(booking, booking.created_at)}, before paying"),
        ("Price", price),
        ("Deposit", dollars(booking.deposit_cents)),
        ("Cancellation", cancelling),
    )


def _cancelling(booking: Booking) -> str:
    """What was said that cancelling costs. Its dates are those of the time that it has now."""
    sentences = booking.terms.policy_statement(
        booking.starts_at, booking.tradie.timezone, now=booking.created_at, is_asked=False
    )
    is_moved = booking.events.filter(kind=EventKind.MOVED).exists()
    return " ".join([*([MOVED] if is_moved else []), *sentences])


def _payment(dispute: Dispute) -> Rows:
    payment = dispute.payment
    rows = [
        ("Paid", f"{dollars(payment.amount_cents)} by card"),
        ("When", _at(payment.booking, payment.paid_at) if payment.paid_at else ""),
        ("Number at Stripe", payment.intent_id or ""),
        ("Refunded", dollars(payment.refunded_cents) if payment.refunded_cents else "nothing"),
        ("Disputed", dollars(dispute.amount_cents)),
    ]
    return tuple((label, value) for label, value in rows if value)


def _history(booking: Booking) -> Iterator[tuple[str, str]]:
    """Without what the business noted for itself."""
    events = booking.events.exclude(kind=EventKind.NOTED).select_related("user")[:MOST_LINES]
    for event in events:
        said = f"{event.get_kind_display()} ({event.get_actor_display()})"
        yield _at(booking, event.at), f"{said}: {event.detail}" if event.detail else said


def _messages(booking: Booking) -> Iterator[tuple[str, str]]:
    """What went to the customer, with what became of it."""
    sent = Message.objects.filter(tradie=booking.tradie_id, about=booking.pk, audience=Audience.CUSTOMER)
    for message in sent.order_by("created_at")[:MOST_LINES]:
        about = message.subject or message.kind.replace("_", " ")
        yield (
            _at(booking, message.created_at),
            f"{message.get_channel_display()} to {message.recipient}, {message.state}: {about}",
        )


def _photos(booking: Booking, photos: tuple[Photo, ...]) -> Iterator[tuple[str, str]]:
    for number, photo in enumerate(photos, start=1):
        whose = "the customer" if photo.added_by == Actor.CUSTOMER else "the business"
        yield f"Photo {number}", f"added by {whose}, {_at(booking, photo.added_at)}"


def _fields(booking: Booking, cancelling: str, words: str) -> dict[str, str]:
    """https://docs.stripe.com/api/disputes/update: `evidence`. Stripe takes no empty text."""
    zone = booking.tradie.timezone
    fields = {
        "customer_name": booking.customer_name,
        "customer_email_address": booking.customer_email,
        "service_date": day(booking.starts_at, zone),
        "product_description": f"{booking.service_name}, by {booking.tradie.business_name}",
        "cancellation_policy_disclosure": "Shown on the booking page before paying, and mailed: "
        + cancelling,
        "uncategorized_text": words,
    }
    return {name: value for name, value in fields.items() if value}


def _at(booking: Booking, instant: datetime) -> str:
    return moment(instant, booking.tradie.timezone)
