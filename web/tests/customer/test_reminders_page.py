"""No more reminders, by one press in the mail program or on the page; what people must know still comes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Service
from bookings import messages
from bookings.models import Booking
from bookings.reminder_links import reminders_url
from bookings.reminder_rules import DAY_BEFORE, HOURS_BEFORE
from local.testing.cast import at, make_booking, make_service
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message, OptOut, Recipient

TWO_PM = at("2027-01-14 14:00 +11:00")
A_DAY_BEFORE = TWO_PM - timedelta(hours=24)


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain, TWO_PM)


def path_of(booking: Booking) -> str:
    return re.sub(r"^https?://[^/]+", "", reminders_url(booking))


def remind(booking: Booking, sent: Sent) -> tuple[int, int]:
    """How many mails and SMS go out by both reminders."""
    before = len(sent.mails), len(sent.sms)
    for reminder, now in ((DAY_BEFORE, A_DAY_BEFORE), (HOURS_BEFORE, TWO_PM - timedelta(hours=2))):
        messages.tell_reminder(booking, reminder, now=now)
        deliver_all(now=now)
    return len(sent.mails) - before[0], len(sent.sms) - before[1]


def test_a_mail_program_stops_them_with_one_press(sent: Sent, booking: Booking, client: Client) -> None:
    """RFC 8058: the headers; a POST without cookies, answered without a redirect."""
    messages.tell_reminder(booking, DAY_BEFORE, now=A_DAY_BEFORE)
    deliver_all(now=A_DAY_BEFORE)
    (mail,) = sent.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].replace("\n", "").replace(" ", "").strip("<>")
    assert url == reminders_url(booking)
    assert f"Stop reminders: {url}" in body(mail, "plain")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(path_of(booking), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    for rows in (Message, Recipient):
        rows.objects.all().delete()
    assert remind(booking, sent) == (0, 0)
    assert {row.skipped_because for row in Message.objects.all()} == {"They want no reminders."}


def test_only_reminders_carry_the_headers(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=A_DAY_BEFORE)
    deliver_all(now=A_DAY_BEFORE)
    assert [mail["List-Unsubscribe"] for mail in sent.mails] == [None, None]


def test_a_link_only_shows_and_a_button_changes(sent: Sent, booking: Booking, client: Client) -> None:
    for method in (client.get, client.head):
        assert method(path_of(booking)).status_code == 200
    assert not OptOut.objects.exists()
    page = client.post(path_of(booking), {"reminders": "off"}, follow=True).content.decode()
    assert "You get no more reminders" in page
    page = client.post(path_of(booking), {"reminders": "on"}, follow=True).content.decode()
    assert "Stop reminders" in page
    assert remind(booking, sent) == (1, 2)


def test_what_people_must_know_still_comes(sent: Sent, booking: Booking, client: Client) -> None:
    client.post(path_of(booking), {"reminders": "off"})
    messages.tell_confirmed(booking, now=A_DAY_BEFORE)
    messages.tell_refund_sent(booking, amount_cents=500, now=A_DAY_BEFORE)
    deliver_all(now=A_DAY_BEFORE)
    assert len([mail for mail in sent.mails if mail["To"] == "jo@example.com"]) == 2
    assert len(sent.sms) == 1


def test_it_is_about_one_business(sent: Sent, booking: Booking, alex: Any, client: Client) -> None:
    client.post(path_of(booking), {"reminders": "off"})
    elsewhere = make_booking(make_service(alex), TWO_PM)
    assert remind(elsewhere, sent) == (1, 2)


def test_whichever_way_the_address_is_written(sent: Sent, booking: Booking, client: Client) -> None:
    client.post(path_of(booking), {"reminders": "off"})
    Booking.objects.update(customer_email="Jo+jobs@Example.com", customer_phone="+61412000111")
    booking.refresh_from_db()
    messages.tell_reminder(booking, DAY_BEFORE, now=A_DAY_BEFORE)
    deliver_all(now=A_DAY_BEFORE)
    assert sent.mails == []


@pytest.mark.parametrize("key", ["x", "A" * 24, "é"])
def test_a_guessed_link_shows_and_changes_nothing(booking: Booking, client: Client, key: str) -> None:
    url = f"/manage/reminders/{booking.pk}/{key}"
    for answer in (client.get(url), client.post(url, {"reminders": "off"})):
        assert answer.status_code == 404
        assert not re.search(r"\bSam\b", answer.content.decode())
    assert not OptOut.objects.exists()


def test_the_link_survives_a_change_of_the_key(booking: Booking, client: Client, settings: Any) -> None:
    url = path_of(booking)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, made for this test alone"
    assert client.get(url).status_code == 200


def test_two_hours_before_whoever_wants_no_texts_gets_a_mail(sent: Sent, booking: Booking) -> None:
    OptOut.objects.create(address=booking.customer_phone, by="reply", stopped_at=A_DAY_BEFORE)
    assert remind(booking, sent) == (2, 0)
