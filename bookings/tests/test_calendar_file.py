"""The booking as a calendar entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar, Component

from accounts.models import Service
from bookings.calendar_file import calendar_file
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import at, make_booking, make_service, make_tradie

EIGHT = at("2027-01-14 08:00 +11:00")


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://book.example.com.au"


def event_of(booking: Booking) -> Component:
    (event,) = Calendar.from_ical(calendar_file(booking)).walk("VEVENT")
    return event


def test_the_entry_says_what_when_and_where(drain: Service) -> None:
    booking = make_booking(drain, EIGHT)
    event = event_of(booking)
    manage_url = f"https://book.example.com.au/manage/{token_of(booking)}"
    said = {
        name: str(event[name])
        for name in ("SUMMARY", "LOCATION", "UID", "URL", "STATUS", "ORGANIZER", "DESCRIPTION", "SEQUENCE")
    }
    assert said == {
        "SUMMARY": "Blocked drain - Sam's Plumbing",
        "LOCATION": "1 George Street, Newtown NSW 2042",
        "UID": f"{booking.pk}@book.example.com.au",
        "URL": manage_url,
        "STATUS": "CONFIRMED",
        "ORGANIZER": "mailto:sam@example.com",
        "DESCRIPTION": f"Reference {booking.reference}. See or cancel: {manage_url}",
        "SEQUENCE": "0",
    }
    assert event["ORGANIZER"].params["CN"] == "Sam's Plumbing"


def test_the_file_is_published(drain: Service) -> None:
    calendar = Calendar.from_ical(calendar_file(make_booking(drain, EIGHT)))
    assert (str(calendar["METHOD"]), str(calendar["VERSION"])) == ("PUBLISH", "2.0")


@pytest.mark.parametrize(
    ("zone", "starts", "utc"),
    [
        ("Australia/Sydney", "2027-01-14 08:00 +11:00", b"20270113T210000Z"),
        ("Australia/Sydney", "2027-07-14 08:00 +10:00", b"20270713T220000Z"),
        ("Australia/Perth", "2027-01-14 08:00 +08:00", b"20270114T000000Z"),
        ("Australia/Adelaide", "2027-01-14 08:00 +10:30", b"20270113T213000Z"),
        ("Australia/Lord_Howe", "2027-07-14 08:00 +10:30", b"20270713T213000Z"),
        ("Australia/Sydney", "2027-04-04 02:30 +11:00", b"20270403T153000Z"),  # the hour that happens twice
        ("Australia/Sydney", "2027-04-04 02:30 +10:00", b"20270403T163000Z"),
        (
            "Australia/Sydney",
            "2027-10-03 03:00 +11:00",
            b"20271002T160000Z",
        ),  # after the hour that never happens
    ],
)
def test_the_instant_is_right_wherever_it_is_opened(db: None, zone: str, starts: str, utc: bytes) -> None:
    booking = make_booking(make_service(make_tradie(timezone=zone)), at(starts))
    assert b"DTSTART:" + utc in calendar_file(booking)
    event = event_of(booking)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=60)


def test_a_move_keeps_the_uid_and_raises_the_sequence(drain: Service) -> None:
    booking = make_booking(drain, EIGHT)
    before = event_of(booking)
    booking.sequence = 1
    after = event_of(booking)
    assert (str(after["UID"]), int(after["SEQUENCE"])) == (str(before["UID"]), 1)


def test_a_cancellation_is_a_later_revision_that_says_so(drain: Service) -> None:
    booking = make_booking(drain, EIGHT, sequence=2)
    booking.status = Status.CANCELLED
    event = event_of(booking)
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 3)


def test_awkward_text_stays_inside_its_line(drain: Service) -> None:
    text = 'Unit 3; "The Mews", 🏠 سيدني\nBEGIN:VALARM ' + "x" * 140
    event = event_of(make_booking(drain, EIGHT, address_line1=text[:200]))
    assert str(event["LOCATION"]) == f"{text[:200]}, Newtown NSW 2042"
    assert event.subcomponents == []
