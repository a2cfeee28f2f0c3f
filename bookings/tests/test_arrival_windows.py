"""A service may promise to come between two times instead of at one: in the same words wherever its customer reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, transaction
from icalendar import Calendar

from accounts.models import Service, Tradie
from bookings import messages
from bookings.calendar_file import calendar_file
from bookings.calendar_links import google_link
from bookings.feeds import job_file
from bookings.message_kinds import KINDS
from bookings.models import Booking
from bookings.reminder_rules import HOURS_BEFORE
from bookings.terms import terms_of
from bookings.tests.test_message_words import tell_everything
from local.testing.cast import at, make_booking, make_service
from local.testing.sent import Sent, body, deliver, deliver_all
from notifications.models import Message
from notifications.sms_text import GSM
from peepopay import local_time

NOW = at("2027-01-10 12:00 +11:00")
EIGHT = at("2027-01-14 08:00 +11:00")
SYDNEY = "Australia/Sydney"
WINDOW = "between 8:00 and 10:00 am"


@pytest.fixture
def windowed(sam: Tradie) -> Service:
    return make_service(sam, arrival_window_minutes=120)


@pytest.mark.parametrize(
    ("start", "minutes", "said"),
    [
        ("2027-01-14 08:00 +11:00", 0, "8:00 am"),
        ("2027-01-14 08:00 +11:00", 120, "between 8:00 and 10:00 am"),
        ("2027-01-14 11:00 +11:00", 120, "between 11:00 am and 1:00 pm"),
        ("2027-01-14 12:15 +11:00", 30, "between 12:15 and 12:45 pm"),
        ("2027-01-14 23:30 +11:00", 60, "between 11:30 pm and 12:30 am"),
        # The clocks go back an hour at three: two hours later they show one more.
        ("2027-04-04 01:30 +11:00", 120, "between 1:30 and 2:30 am"),
    ],
)
def test_a_window_in_words(start: str, minutes: int, said: str) -> None:
    assert local_time.arrival(at(start), minutes, SYDNEY) == said


@pytest.mark.parametrize("minutes", [1, 29, 241])
def test_a_window_is_30_minutes_to_4_hours(windowed: Service, minutes: int) -> None:
    with pytest.raises(IntegrityError, match="service_arrives_within_4_hours"), transaction.atomic():
        Service.objects.filter(pk=windowed.pk).update(arrival_window_minutes=minutes)


def test_it_is_agreed_when_booked_and_a_later_change_of_the_service_changes_no_promise(
    windowed: Service,
) -> None:
    booking = make_booking(windowed, EIGHT)
    Service.objects.update(arrival_window_minutes=0)
    booking.refresh_from_db()
    assert booking.terms.arrival_window_minutes == 120
    assert terms_of(Service.objects.get()).arrival_window_minutes == 0


def test_the_confirmation_says_the_window(sent: Sent, windowed: Service) -> None:
    booking = make_booking(windowed, EIGHT)
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)
    mail, sms = sent.mails[0], sent.sms[0]["body"]
    assert mail["Subject"] == f"Booked: Blocked drain, Thu 14 Jan, {WINDOW}, with Sam's Plumbing"
    assert f"When:      Thursday 14 January 2027, {WINDOW} (AEDT, Sydney time)\n" in body(mail, "plain")
    assert f"{WINDOW} <span" in body(mail, "html")
    assert sms.startswith("Sam's Plumbing: booked for Thu 14 Jan, 8:00-10:00 am, Sydney time.")
    assert len(sms) <= 160
    assert sent.mails[1]["Subject"] == f"New booking: Blocked drain, Thu 14 Jan, {WINDOW}, Jo Citizen"


def test_no_message_gives_the_exact_start_away(sent: Sent, windowed: Service, settings: Any) -> None:
    """And none says "at between"; an SMS of the longest kind still goes into two."""
    settings.RATE_LIMITS = False  # nobody gets one of each kind in a day
    booking = make_booking(windowed, EIGHT)
    tell_everything(booking)
    messages.tell_reminder(booking, HOURS_BEFORE, now=NOW)
    for message in Message.objects.order_by("kind"):
        late = 90 if message.kind == "running_late" else 0
        Booking.objects.update(status=KINDS[message.kind].while_status[-1], late_minutes=late)
        Booking.objects.update(asked_to_move_at=NOW if message.kind == "asked_to_move" else None)
        at = EIGHT - timedelta(hours=1) if message.kind == HOURS_BEFORE.kind else NOW
        deliver(message, now=at)
    said = [mail["Subject"] + body(mail, "plain") + body(mail, "html") for mail in sent.mails]
    said += [sms["body"] for sms in sent.sms]
    assert len(said) == Message.objects.exclude(sent_at=None).count() > 30
    for words in said:
        plain = words.replace("<strong>", "").replace("</strong>", "")
        assert "Jan, 8:00 am" not in plain
        assert "8:00 am to" not in plain
        assert "at between" not in plain
        assert "about between" not in plain
    assert max(len(sms["body"]) for sms in sent.sms) <= 306


def test_late_is_another_window_and_on_time_the_one_that_was_booked(sent: Sent, windowed: Service) -> None:
    booking = make_booking(windowed, EIGHT)
    Booking.objects.update(late_minutes=30)
    booking.late_minutes = 30
    messages.tell_late(booking, now=EIGHT - timedelta(minutes=20))
    deliver_all(now=EIGHT - timedelta(minutes=20))
    mail, sms = sent.mails[0], sent.sms[0]["body"]
    assert mail["Subject"] == ("Running about 30 min late: Sam's Plumbing comes between 8:30 and 10:30 am")
    assert sms.startswith("Sam's Plumbing: running about 30 min late. Expect us between 8:30 and 10:30 am. ")
    assert set(sms) <= GSM

    Booking.objects.update(late_minutes=0)
    booking.late_minutes = 0
    messages.tell_late(booking, now=EIGHT - timedelta(minutes=10))
    deliver_all(now=EIGHT - timedelta(minutes=10))
    assert sent.sms[1]["body"].startswith(
        f"Sam's Plumbing: on time after all. Expect us {WINDOW}, as booked."
    )


def test_a_calendar_has_the_time_of_the_work_and_says_the_window(windowed: Service) -> None:
    booking = make_booking(windowed, EIGHT)
    (event,) = Calendar.from_ical(calendar_file(booking)).walk("VEVENT")
    assert event["SUMMARY"] == f"Blocked drain - Sam's Plumbing ({WINDOW})"
    assert event["DESCRIPTION"].startswith(f"We arrive {WINDOW}. Reference ")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (booking.starts_at, booking.ends_at)
    asked = parse_qs(urlsplit(google_link(booking)).query)
    assert asked["text"] == [f"Blocked drain - Sam's Plumbing ({WINDOW})"]
    assert asked["details"][0].startswith(f"We arrive {WINDOW}. Reference ")
    (own,) = Calendar.from_ical(job_file(booking, now=NOW)).walk("VEVENT")
    assert own["DESCRIPTION"].startswith(f"We arrive {WINDOW}.\n")
