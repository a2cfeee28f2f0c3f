"""A booking in words, for the templates of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.logos import looks_of
from accounts.service_rules import DepositIs
from notifications.models import Audience, Channel, Message
from notifications.sms_text import short_name
from peepopay import local_time
from peepopay.money import dollars
from peepopay.phone import as_written

from .booking_again import other_times, widget_link
from .calendar_file import address_of, calendar_part
from .held_times import held_for
from .message_kinds import OFFERS_OTHER_TIMES
from .models import Booking, Status
from .priority import may_rebook_until
from .proofs import link_token
from .series_visits import MOST_TOLD, after
from .statements import policy_statement
from .waitlist_links import offer_context

WORDS_IN_SMS = 32


@dataclass(frozen=True)
class Story:
    """A booking with its tradie and calendar, and what every message about it may say: ready-made phrases in the
    tradie's zone."""

    booking: Booking
    phrases: Mapping[str, Any]


def story_of(booking: Booking, *, now: datetime) -> Story:
    tradie = booking.tradie
    phrases = {
        **_times(booking),
        **_links(booking),
        "booking": booking,
        "who": one_line(booking.calendar.name),
        "business": one_line(tradie.business_name),
        "business_short": short_name(tradie.business_name),
        "business_phone": as_written(tradie.phone),
        **looks_of(tradie),
        "customer": one_line(booking.customer_name),
        "customer_short": short_name(booking.customer_name, instead="Your customer"),
        "customer_phone": as_written(booking.customer_phone),
        "site_phone": as_written(booking.site_phone) if booking.site_phone else "",
        "address": one_line(address_of(booking)),
        "street": one_line(booking.address_line1),
        "price_sentence": _price_sentence(booking),
        "gst_sentence": gst_sentence(booking),
        "deposit": dollars(booking.deposit_cents) if booking.deposit_cents else "",
        "pay_by": local_time.moment(booking.held_until, tradie.timezone) if booking.held_until else "",
        "answer_by": local_time.moment(booking.answer_by, tradie.timezone) if booking.answer_by else "",
        "left": dollars(booking.left_cents) if booking.left_cents else "",
        "policy_statement": policy_statement(booking, now=now, left_cents=booking.left_cents),
        "answers": answers_of(booking),
        "photo_answers": [one.label for one in booking.terms.photo_questions if booking.answers.get(one.id)],
        "quote_lines": [line.written for line in booking.terms.quote_lines],
    }
    return Story(booking, phrases)


def context_of(story: Story, message: Message, *, with_calendar_file: bool) -> dict[str, Any]:
    """What this message's templates need. `message.facts`: {"refund_cents", "note"} where money goes back,
    {"outcome", "let_go_cents"}, a sentence and what the card held, where it was cancelled, {"amount_cents", "how"}
    where it was paid, {"words", "best_time"} where a call is asked for,
    {"words", "is_late"} of what they texted.

    `from_name`, `reply_to` and `calendar` are for the channel rather than the templates.
    """
    booking, refund_cents = story.booking, message.facts.get("refund_cents")
    let_go_cents = message.facts.get("let_go_cents")
    context = {
        **story.phrases,
        **_envelope(booking, message.audience),
        "manage_url": _manage_url(booking, message),
        "says_who": _says_who(booking, message.audience),
        "refund": dollars(refund_cents) if refund_cents else "",
        "let_go": dollars(let_go_cents) if let_go_cents else "",
        "note": message.facts.get("note", ""),
        "amount": dollars(message.facts.get("amount_cents", 0)),
        "how": message.facts.get("how", ""),
        "outcome": message.facts.get("outcome", ""),
        "words": message.facts.get("words", ""),
        "best_time": message.facts.get("best_time", ""),
    }
    if with_calendar_file:
        context["calendar"] = calendar_part(booking)
    return context


def times_instead(booking: Booking, *, now: datetime, but_not_then: bool) -> list[tuple[str, str]]:
    """The free times nearest to the booking's, each with the link that books it: [("Tue 14 Jan, 8:00 am", ...)].
    `but_not_then`: they can't do that time, though it is free again."""
    zone = booking.tradie.timezone
    return [
        (
            local_time.arrival_moment(time.starts, booking.arrival_window_minutes, zone),
            widget_link(booking, time.starts),
        )
        for time in other_times(booking, now, but_not_then=but_not_then)
    ]


def more_of(booking: Booking, message: Message, manage_url: str, *, now: datetime) -> dict[str, Any]:
    """What only this kind of message says: looked up as of now."""
    if message.kind in OFFERS_OTHER_TIMES and message.channel == Channel.EMAIL:
        declined = message.kind == "booking_declined"
        return {"other_times": times_instead(booking, now=now, but_not_then=declined)}
    match message.kind:
        case "asked_to_move" | "day_move_silent_tradie":
            return day_move_context(booking, message.facts, now=now)
        case "booking_confirmed" if booking.deposit_cents and message.channel == Channel.EMAIL:
            return {"receipt_url": f"{manage_url}/deposit-receipt"}
        case "text_came_tradie":
            words = short_name(message.facts["words"], longest=WORDS_IN_SMS, instead="")
            return {"is_late": message.facts.get("is_late", False), "words_short": words}
        case "series_told":
            visits = [
                local_time.arrival_moment(one.starts_at, one.arrival_window_minutes, booking.tradie.timezone)
                for one in after(booking)[:MOST_TOLD]
            ]
            return {"how_often": message.facts.get("how_often", ""), "visits": visits}
        case "waitlist_offer":
            return offer_context(booking, message, now=now)
        case "booking_cancelled_by_tradie":
            return rebooking_of(booking, manage_url, now=now)
    return {}


def rebooking_of(booking: Booking, manage_url: str, *, now: datetime) -> dict[str, Any]:
    """Where its customer may choose again before others, and until when; nothing where they can't."""
    until = may_rebook_until(booking, now)
    if until is None:
        return {"rebook_url": "", "rebook_until": ""}
    return {
        "rebook_url": f"{manage_url}/rebook",
        "rebook_until": local_time.short_day(until, booking.tradie.timezone),
    }


def day_move_context(booking: Booking, facts: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Of a day that its business can't make. `facts`: {"reason", "answer_by"} to a customer, {"move", "silent"} to the
    business."""
    zone, until = booking.tradie.timezone, facts.get("answer_by")
    move = facts.get("move")
    return {
        "reason": facts.get("reason", ""),
        "answer_by": local_time.moment(datetime.fromisoformat(until), zone) if until else "",
        "kept_times": [
            local_time.arrival_moment(held.starts_at, held.arrival_window_minutes, zone)
            for held in held_for(booking, now)
        ]
        if until
        else [],
        "silent": facts.get("silent", 0),
        "move_url": settings.SITE_URL + reverse("day_move", args=[move]) if move else "",
    }


def _says_who(booking: Booking, audience: str) -> bool:
    """Where it could be several. A customer whose job is off doesn't care, but the business has somebody free again."""
    is_on = booking.status in (Status.CONFIRMED, Status.REQUESTED)
    return booking.is_of_several and (is_on or audience == Audience.TRADIE)


def _envelope(booking: Booking, audience: str) -> dict[str, str]:
    """An answer to the mail reaches the other side, not us."""
    if audience == Audience.TRADIE:
        return {"reply_to": booking.customer_email}
    name = one_line(booking.tradie.business_name)
    return {"from_name": f"{name} via PeepoPay", "reply_to": booking.tradie.email}


def _times(booking: Booking) -> dict[str, str]:
    starts, ends, zone = booking.starts_at, booking.ends_at, booking.tradie.timezone
    window = booking.arrival_window_minutes
    arrives = local_time.arrival(starts, window, zone)
    return {
        "day": local_time.day(starts, zone),
        "starts": arrives,
        "at_start": arrives if window else f"at {arrives}",
        "hours": local_time.arrival_hours(starts, ends, window, zone),
        "moment": local_time.arrival_moment(starts, window, zone),
        "expected": local_time.arrival_expected(booking.expected_at, window, zone),
        "zone": local_time.zone_label(starts, zone),
        "city": zone.rpartition("/")[2].replace("_", " "),
    }


def _links(booking: Booking) -> dict[str, str]:
    return {
        "dashboard_url": settings.SITE_URL + reverse("booking", args=[booking.pk]),
        "book_again_url": settings.SITE_URL + reverse("booking_widget", args=[booking.tradie.slug]),
    }


def _manage_url(booking: Booking, message: Message) -> str:
    """The link for the customer says to whom it was sent: what is pressed behind it comes from them."""
    token = link_token(booking, message.channel, message.recipient)
    return settings.SITE_URL + reverse("manage", args=[token])


def _price_sentence(booking: Booking) -> str:
    if not booking.price_cents:
        return "There is no charge for this visit."
    least = "from " if booking.price_from else ""
    gst = ", GST included" if booking.tradie.gst_registered else ""
    fee_cents = booking.call_out_fee_cents
    fee = f", {dollars(fee_cents)} of it the call-out fee" if fee_cents else ""
    return f"The price is {least}{dollars(booking.price_cents)}{gst}{fee}."


def gst_sentence(booking: Booking) -> str:
    """What the deposit is to the tax office, and so when GST on it is due: `accounts/law.py`."""
    business = one_line(booking.tradie.business_name)
    is_security = booking.deposit_is == DepositIs.SECURITY
    if not booking.tradie.gst_registered:
        kind = "a security deposit" if is_security else "a part payment of the price"
        return f"It is {kind}. {business} isn't registered for GST, so it has none in it."
    if is_security:
        return (
            "It is a security deposit: GST on it is due when it is taken off your bill or kept. The tax invoice comes"
            f" from {business} with the job."
        )
    gst = dollars(booking.terms.deposit_gst_cents)
    return f"It is a part payment of the price, and {gst} of it is GST, due now. The tax invoice comes from {business}."


def answers_of(booking: Booking) -> list[tuple[str, str]]:
    """The tradie's own questions, in the words and the order in which the customer read them, with what they said:
    [("Gate code?", "1234")]. What answers none of them comes last; what photos answer is not said in words."""
    terms = booking.terms
    labels = {question.id: question.label for question in terms.questions}
    said = {**dict.fromkeys(labels), **booking.answers}
    for question in terms.photo_questions:
        del said[question.id]
    return [(labels.get(key, key), str(answer)) for key, answer in said.items() if answer]


def one_line(text: str) -> str:
    """Without the line breaks that could make one header or line into two."""
    return " ".join(text.split())
