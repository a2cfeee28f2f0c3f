"""The booking as a calendar entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from icalendar import Calendar, Component

from accounts.models import Service
from bookings import lifecycle
from bookings.calendar_file import calendar_file, calendar_part
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
        "DESCRIPTION": f"Reference {booking.reference}. See, move or cancel: {manage_url}",
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


CERTAIN = {Status.CONFIRMED: "CONFIRMED", Status.COMPLETED: "CONFIRMED", Status.NO_SHOW: "CONFIRMED"}
OPEN = {Status.PENDING: "TENTATIVE", Status.EXPIRING: "TENTATIVE", Status.REQUESTED: "TENTATIVE"}
OFF = {status: "CANCELLED" for status in Status if status not in CERTAIN | OPEN}


@pytest.mark.parametrize("status", Status)
def test_only_what_can_be_counted_on_is_confirmed_and_what_is_off_is_a_later_revision(
    status: Status, drain: Service
) -> None:
    booking = make_booking(drain, EIGHT, sequence=2)
    booking.status = status
    event = event_of(booking)
    sequence = 3 if status in OFF else 2
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ((CERTAIN | OPEN | OFF)[status], sequence)


@pytest.mark.parametrize("status", Status)
def test_mailed_it_asks_the_customer_in_or_calls_it_off_and_fetched_it_is_published(
    status: Status, drain: Service
) -> None:
    booking = make_booking(drain, EIGHT, customer_name="Jo; Çitizen")
    booking.status = status
    part = calendar_part(booking)
    method = "CANCEL" if status in OFF else "REQUEST"
    mailed, fetched = (Calendar.from_ical(file) for file in (part.content, calendar_file(booking)))
    assert (part.method, str(mailed["METHOD"]), str(fetched["METHOD"])) == (method, method, "PUBLISH")
    invited = mailed.walk("VEVENT")[0]["ATTENDEE"]
    assert (str(invited), dict(invited.params)) == (
        "mailto:jo@example.com",
        {"CN": "Jo; Çitizen", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"},
    )
    assert "ATTENDEE" not in fetched.walk("VEVENT")[0]


def test_every_property_that_is_asked_for_is_there_once(drain: Service) -> None:
    """By RFC 5546, 3.2: of an event in a request and in a cancellation alike."""
    booking = make_booking(drain, EIGHT)
    lines = unfolded(calendar_part(booking).content)
    for name in (
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SEQUENCE",
        "ORGANIZER",
        "ATTENDEE",
        "SUMMARY",
        "STATUS",
    ):
        assert len([line for line in lines if line.partition(":")[0].partition(";")[0] == name]) == 1, name


def test_paid_late_and_booked_after_all_is_newer_than_the_file_of_the_lapsed_hold(drain: Service) -> None:
    booking = make_booking(drain, EIGHT, status=Status.EXPIRED, held_until=None)
    before = event_of(booking)
    with transaction.atomic():
        assert lifecycle.revive_booking(booking, now=EIGHT - timedelta(1))
    after = event_of(Booking.objects.get())
    assert int(after["SEQUENCE"]) == booking.sequence
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CANCELLED", "CONFIRMED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def unfolded(content: bytes) -> list[str]:
    """The lines of a file, read without the library that wrote it: RFC 5545, 3.1."""
    physical = content.split(b"\r\n")
    assert physical[-1] == b""
    assert max(len(line) for line in physical) <= 75
    assert b"\n" not in b"".join(physical)
    return b"\r\n".join(physical).replace(b"\r\n ", b"").decode().split("\r\n")


def test_awkward_text_stays_inside_its_line(drain: Service) -> None:
    text = 'Unit 3; "The Mews", 🏠 سيدني\nBEGIN:VALARM ' + "x" * 140
    event = event_of(make_booking(drain, EIGHT, address_line1=text[:200]))
    assert str(event["LOCATION"]) == f"{text[:200]}, Newtown NSW 2042"
    assert event.subcomponents == []


def test_its_lines_are_folded_and_its_text_escaped(drain: Service) -> None:
    address = 'Unit 3; "The Mews", back\\slash سيدني 🏠' * 3
    lines = unfolded(calendar_file(make_booking(drain, EIGHT, address_line1=address)))
    escaped = address.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"LOCATION:{escaped}\\, Newtown NSW 2042" in lines
