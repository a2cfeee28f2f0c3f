"""Every message about a booking, in each of its parts, with names as people really have them."""

from __future__ import annotations

import html
import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Service, Tradie
from bookings import waitlist_offers
from bookings.message_kinds import KINDS, REVIEW
from bookings.messages import context_for
from bookings.models import Booking, Waiter
from bookings.news import choose
from bookings.reminder_rules import REMINDERS
from bookings.waitlist_links import new_token
from local.testing.cast import at, make_booking, make_service, owner_of
from local.testing.phone import VAPID_KEY, Phone, signed_in, turn_on
from local.testing.receiver import Receiver
from local.testing.sent import Sent, body, deliver
from notifications import kinds
from notifications.models import Audience, Channel, Message, MessageSettings, News
from notifications.push_models import PushSubscription
from notifications.sms_text import GSM
from peepopay.derived_tokens import hash_of

TWO_PM = at("2027-01-14 14:00 +11:00")
NOW = TWO_PM - timedelta(hours=23)
FACTS = {
    "sequence": 0,
    "starts_at": TWO_PM.isoformat(),
    "refund_cents": 3_000,
    "kept_cents": 0,
    "let_go_cents": 0,
    "outcome": "Cancelled in time: all of $30 comes back.",
    "note": "I'm sorry – the van's <b>broken</b>.",
    "words": "Ring “twice”",
    "best_time": "In the morning",
    "reason": "The van's broken – “sorry”.",
    "answer_by": (TWO_PM - timedelta(hours=12)).isoformat(),
    "move": str(uuid.UUID(int=7)),
    "silent": 2,
}
WAITER = uuid.UUID(int=8)
NAMES = [
    "O'Brien & Sons <Plumbing>",
    "Café Müller 🚿 Rohrreinigung und Söhne für ganz Sydney und Umgebung seit 1974",
    "سباكة سيدني",
    "W" * 120,
]
ABOUT_A_BOOKING = sorted(kind.name for kind in kinds.registered().values() if kind.context_for == context_for)


def told(booking: Booking, kind: str, **facts: Any) -> list[Message]:
    """A message of this kind by each of its channels, about a booking that is as the kind wants it."""
    late_minutes = 30 if kind == "running_late" else 0
    Booking.objects.filter(pk=booking.pk).update(
        status=KINDS[kind].while_status[-1],
        held_until=TWO_PM if kind in ("deposit_asked", waitlist_offers.OFFER) else None,
        call_wanted_since=NOW,
        asked_to_move_at=NOW if kind == "asked_to_move" else None,
        late_minutes=late_minutes,
    )
    if kind == waitlist_offers.OFFER:
        Waiter.objects.create(
            tradie=booking.tradie,
            service=booking.service,
            name="Pat",
            phone="+61412345678",
            offer=booking,
            token_hash=hash_of(new_token(WAITER)),
            id=WAITER,
            created_at=NOW,
        )
    audience = KINDS[kind].audience
    customer = {"email": booking.customer_email, "sms": "+61412345678"}
    phone = PushSubscription.objects.first()
    business = {
        "email": booking.tradie.email,
        "sms": booking.tradie.mobile,
        "push": str(phone.pk) if phone else "",
    }
    return [
        Message.objects.create(
            tradie=booking.tradie,
            about=booking.pk,
            kind=kind,
            audience=audience,
            channel=channel,
            recipient=(business if audience == Audience.TRADIE else customer)[channel],
            dedupe_key=f"{booking.pk}:{kind}:{channel}",
            facts={**FACTS, "late_minutes": late_minutes, **facts},
            due_at=NOW,
        )
        for channel in KINDS[kind].channels
    ]


def plain(text: str) -> str:
    return " ".join(text.split())


def test_reminders_are_among_them() -> None:
    assert {*REMINDERS, REVIEW} <= set(ABOUT_A_BOOKING) == set(KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_every_kind_bears_every_name(
    sent: Sent, drain: Service, name: str, settings: Any, receiver: Receiver
) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY
    settings.SITE_URL = "https://bookings.example.com.au"
    engine = settings.TEMPLATES[0]
    options = {**engine["OPTIONS"], "string_if_invalid": "%s is missing"}
    settings.TEMPLATES = [{**engine, "OPTIONS": options}]
    perth = "Australia/Perth"  # where the window goes from the morning into the afternoon
    Tradie.objects.update(business_name=name, email=owner_of(drain.tradie).email, timezone=perth)
    longest = f"https://g.page/r/{'x' * 76}/review"
    MessageSettings.objects.create(tradie=drain.tradie, review_url=longest)
    owner, phone = drain.tradie.memberships.get(), Phone(receiver)
    turn_on(phone, owner, signed_in())
    choose(owner, by_email=list(News), by_sms=list(News), mobile="")
    drain = Service.objects.select_related("tradie").get()
    booking = make_booking(
        drain,
        TWO_PM,
        customer_name=f"Secret {name}"[:120],
        address_line1=f"Secret 4, {name}",
        service_name=name,
        cancel_reason=name,
        arrival_window_minutes=240,
    )
    for kind in ABOUT_A_BOOKING:
        for message in told(booking, kind):
            deliver(message, now=NOW)
    skipped = Message.objects.filter(sent_at=None).exclude(
        last_error="KeyError"
    )  # facts of its own, and tests
    assert list(skipped.values_list("kind", "skipped_because", "last_error")) == []
    for mail in sent.mails:
        parts = [mail["Subject"], body(mail, "plain"), body(mail, "html")]
        assert [part for part in parts if "is missing" in part or "None" in part] == [], mail["Subject"]
        assert "<Plumbing>" not in parts[2]
        assert "&#x27;" not in parts[0] + parts[1]
        assert len(mail["Subject"].splitlines()) == 1
        assert plain(name) in plain(html.unescape(parts[2])), mail["Subject"]
    for text in sent.sms:
        assert set(text["body"]) <= GSM
        assert len(text["body"]) <= 160, text["body"]
        assert "is missing" not in text["body"]
    assert len(sent.sms) > 10
    shown = phone.shown
    assert len(shown) == len([kind for kind in KINDS.values() if Channel.PUSH in kind.channels])
    assert [words for words in shown if "Secret" in words or "is missing" in words] == []
    assert all(plain(name) in words for words in shown)


WANTED_THE_JOB = ("booking_lost", "booking_declined", "request_lapsed", "card_refused")


@pytest.mark.parametrize("kind", WANTED_THE_JOB)
def test_who_got_no_time_is_shown_the_nearest_free_ones(sent: Sent, drain: Service, kind: str) -> None:
    booking = make_booking(drain, TWO_PM)
    deliver(told(booking, kind)[0], now=NOW)
    (mail,) = sent.mails
    for part in ("plain", "html"):
        assert body(mail, part).count("start=2027-01-") == 3
        # It is free again, but the business has just said that it can't make it then.
        assert ("start=2027-01-14T14%3A00" in body(mail, part)) is (kind != "booking_declined")
    Service.objects.update(is_active=False)
    Message.objects.all().delete()
    deliver(told(booking, kind)[0], now=NOW)
    assert "Free near that time" not in body(sent.mails[1], "plain")


def test_who_pays_late_for_a_quote_that_is_off_is_not_told_that_the_time_is_gone(
    sent: Sent, drain: Service
) -> None:
    booking = make_booking(drain, TWO_PM, quote_id=uuid.uuid4(), quote_is_off=True)
    for message in told(booking, "booking_lost", refund_cents=3_000):
        deliver(message, now=NOW)
    (mail,), (text,) = sent.mails, sent.sms
    said = [mail["Subject"], text["body"], *(plain(body(mail, part)) for part in ("plain", "html"))]
    for part in said:
        assert "quote" in part
        assert "was gone" not in part
        assert "free any more" not in part
    assert len(text["body"]) <= 160


@pytest.mark.parametrize("kind", ["booking_cancelled", "booking_cancelled_by_tradie"])
def test_who_cancels_a_request_reads_that_the_card_holds_nothing_any_more(
    sent: Sent, sam: Tradie, kind: str
) -> None:
    booking = make_booking(make_service(sam, requires_approval=True), TWO_PM)
    nothing = "Nothing was paid by card, so there is nothing to send back."
    facts = {"refund_cents": 0, "let_go_cents": 3_000, "outcome": nothing}
    deliver(told(booking, kind, **facts)[0], now=NOW)
    for part in ("plain", "html"):
        said = plain(body(sent.mails[0], part)).replace("’", "'")
        assert "Nothing was charged: we've let go of the $30 that your card was holding." in said
        assert nothing not in said
