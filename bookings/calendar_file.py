"""The booking as a calendar entry (RFC 5545). Its UID never changes, so a move updates the entry made before."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from availability.outside_busy import uid_of
from notifications.channels.email import CalendarPart
from peepopay.local_time import arrival

from .models import Booking, Status
from .tokens import token_of

PRODUCT = "-//PeepoPay//Bookings//EN"
CERTAIN = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
OPEN = (Status.PENDING, Status.EXPIRING, Status.REQUESTED)


class Method(StrEnum):
    """What a program is to do with the file (RFC 5546)."""

    PUBLISH = "PUBLISH"  # one that was fetched: show it
    REQUEST = "REQUEST"  # mailed: enter it, or bring the entry up to date
    CANCEL = "CANCEL"  # mailed: the entry is off


def calendar_file(booking: Booking) -> bytes:
    """An .ics file with one event, to fetch. Its times are UTC, which every program shows as the right hour of its own
    clock; zone rules in the file are read differently by different programs."""
    return _file(booking, Method.PUBLISH)


def calendar_part(booking: Booking) -> CalendarPart:
    """The same, to go with a mail to the customer, whom it names as the one invited."""
    method = Method.CANCEL if status_of(booking) == "CANCELLED" else Method.REQUEST
    return CalendarPart(_file(booking, method), method.value)


def _file(booking: Booking, method: Method) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    event = _event(booking)
    if method != Method.PUBLISH:
        event.add("attendee", _customer(booking))
    calendar.add_component(event)
    return calendar.to_ical()


def _event(booking: Booking) -> Event:
    tradie = booking.tradie
    manage_url = settings.SITE_URL + reverse("manage", args=[token_of(booking)])
    event = base_event(booking, stamp=timezone.now())  # when this very file was made, as RFC 5545 has it
    event.add("summary", title_of(booking))
    event.add("location", address_of(booking))
    said = f"{arrival_sentence(booking)}Reference {booking.reference}. See, move or cancel: {manage_url}"
    event.add("description", said)
    event.add("url", manage_url)
    event.add("status", status_of(booking))
    event.add("organizer", _person(tradie.email, tradie.business_name))
    return event


def title_of(booking: Booking) -> str:
    """With the window, if one was promised: a calendar shows the time of the work alone."""
    window = f" ({_arrival(booking)})" if booking.arrival_window_minutes else ""
    return f"{booking.service_name} - {booking.tradie.business_name}{window}"


def arrival_sentence(booking: Booking) -> str:
    """Of a window, with a space behind it; nothing of an exact time."""
    return f"We arrive {_arrival(booking)}. " if booking.arrival_window_minutes else ""


def _arrival(booking: Booking) -> str:
    return arrival(booking.starts_at, booking.arrival_window_minutes, booking.tradie.timezone)


def base_event(booking: Booking, *, stamp: datetime) -> Event:
    """What makes it this event in every program, and the latest word of it; when it is."""
    event = Event()
    event.add("uid", uid_of(booking.pk))
    event.add("sequence", _sequence(booking))
    event.add("dtstamp", stamp)
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    return event


def status_of(booking: Booking) -> str:
    """Whether the customer can count on it."""
    if booking.status in CERTAIN:
        return "CONFIRMED"
    return "TENTATIVE" if booking.status in OPEN else "CANCELLED"


def _sequence(booking: Booking) -> int:
    """A cancellation is one more revision after the last move."""
    return booking.sequence + (status_of(booking) == "CANCELLED")


def address_of(booking: Booking) -> str:
    """In one line."""
    return f"{booking.address_line1}, {booking.address_suburb} {booking.address_state} {booking.address_postcode}"


def _customer(booking: Booking) -> vCalAddress:
    """They said yes by booking: nobody waits for an answer of their calendar's."""
    customer = _person(booking.customer_email, booking.customer_name)
    customer.params.update({"role": "REQ-PARTICIPANT", "partstat": "ACCEPTED", "rsvp": "FALSE"})
    return customer


def _person(email: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    person.params["cn"] = vText(name)
    return person
