"""A customer says that a booking is theirs: only who was told of it can, and only by pressing the button."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from bookings.models import Actor, Booking, EventKind
from bookings.proofs import link_token
from bookings.tokens import token_of
from local.testing.cast import make_booking
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Channel, Recipient

JO, PHONE = "jo@example.com", "+61412345678"
BUTTON = "Yes, it’s mine"


@pytest.fixture
def booking(quote: Service) -> Booking:
    """Jo's free quote; so far anybody may have made it."""
    return make_booking(quote)


def confirmed(booking: Booking) -> tuple[bool, list[str]]:
    """Whether it is confirmed, and by which channels Jo is."""
    booking.refresh_from_db()
    known = Recipient.objects.exclude(confirmed_at=None).values_list("key", flat=True)
    return booking.acknowledged_at is not None, sorted(key.split(":")[1] for key in known)


@pytest.mark.parametrize(("channel", "told"), [(Channel.EMAIL, JO), (Channel.SMS, PHONE)])
def test_the_button_behind_our_link_confirms_the_booking_and_who_was_told(
    channel: Channel, told: str, client: Client, booking: Booking
) -> None:
    url = f"/manage/{link_token(booking, channel, told)}"
    assert BUTTON in client.get(url).content.decode()
    assert client.post(url)["Location"] == url
    assert confirmed(booking) == (True, [channel])
    assert BUTTON not in client.get(url).content.decode()


def test_it_is_noted_once(client: Client, booking: Booking) -> None:
    for channel, told in ((Channel.EMAIL, JO), (Channel.EMAIL, JO), (Channel.SMS, PHONE)):
        client.post(f"/manage/{link_token(booking, channel, told)}")
    event = booking.events.get(kind=EventKind.ACKNOWLEDGED)
    assert (event.actor, event.detail) == (Actor.CUSTOMER, "by Email")
    assert confirmed(booking) == (True, ["email", "sms"])


def test_the_links_in_our_messages_prove_it(client: Client, booking: Booking, sent: Sent) -> None:
    messages.tell_confirmed(booking, now=timezone.now())
    deliver_all(now=timezone.now())
    (text,) = (sms["body"] for sms in sent.sms)
    client.post("/manage/" + text.rpartition("/manage/")[2])
    assert confirmed(booking) == (True, ["sms"])
    mail = body(next(mail for mail in sent.mails if mail["To"] == JO), "plain")
    client.post("/manage/" + mail.partition("/manage/")[2].split()[0])
    assert confirmed(booking) == (True, ["email", "sms"])


def test_looking_confirms_nothing(client: Client, booking: Booking) -> None:
    for rest in ("", "/cancel", "/booking.ics"):
        assert client.get(f"/manage/{link_token(booking, Channel.EMAIL, JO)}{rest}").status_code == 200
    assert confirmed(booking) == (False, [])


@pytest.mark.parametrize("proof", ["", ".", ".AAAAAAAA", ".né", "." + "x" * 30])
def test_the_token_alone_which_whoever_booked_has_confirms_nothing(
    proof: str, client: Client, booking: Booking
) -> None:
    url = f"/manage/{token_of(booking)}{proof}"
    assert BUTTON not in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    assert confirmed(booking) == (False, [])


def test_the_proof_of_another_booking_or_address_is_none(client: Client, booking: Booking) -> None:
    other = make_booking(booking.service)
    foreign = (link_token(other, Channel.EMAIL, JO), link_token(booking, Channel.EMAIL, "kim@example.com"))
    for proof in (link.partition(".")[2] for link in foreign):
        client.post(f"/manage/{token_of(booking)}.{proof}")
    assert confirmed(booking) == (False, [])


def test_cancelling_confirms_nothing(client: Client, booking: Booking) -> None:
    """It is what somebody does who never booked."""
    url = f"/manage/{link_token(booking, Channel.EMAIL, JO)}/cancel"
    client.post(url, {"refund_cents": "0", "reason": "Not me"})
    assert Booking.objects.get().status == "cancelled"
    assert confirmed(booking) == (False, [])


def test_what_the_api_answers_carries_no_proof(client: Client, booking: Booking, api: Any) -> None:
    answer = api.get(f"/api/bookings/{booking.pk}", token_of(booking)).json()
    for link in (answer["manage_url"], answer["ics_url"]):
        assert "." not in link.partition("/manage/")[2].replace("booking.ics", "")
    calendar = client.get(answer["ics_url"].replace("http://testserver", "")).content.decode()
    assert f"/manage/{token_of(booking)}." not in calendar.replace("\r\n ", "")


def test_where_a_deposit_is_due_paying_is_enough(client: Client, drain: Service) -> None:
    paid = make_booking(drain)
    assert BUTTON not in client.get(f"/manage/{link_token(paid, Channel.EMAIL, JO)}").content.decode()


def test_a_link_of_before_the_secret_key_was_replaced_still_proves(
    client: Client, quote: Service, settings: Any
) -> None:
    booking = make_booking(quote)
    token = link_token(booking, Channel.EMAIL, booking.customer_email)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    client.post(f"/manage/{token}")
    booking.refresh_from_db()
    assert booking.acknowledged_at
