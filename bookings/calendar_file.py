"""The booking as a calendar entry (RFC 5545). Its UID never changes, so a move updates the entry made before."""

from __future__ import annotations

from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from .models import Booking, Status
from .tokens import token_of

PRODUCT = "-//PeepoPay//Bookings//EN"
CALENDAR_STATUS = {Status.CANCELLED: "CANCELLED", Status.DECLINED: "CANCELLED", Status.REQUESTED: "TENTATIVE"}


def calendar_file(booking: Booking) -> bytes:
    """An .ics file with one event. Its times are UTC, which every program shows as the right hour of its own clock;
    zone rules in the file are read differently by different programs."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(booking))
    return calendar.to_ical()


def _event(booking: Booking) -> Event:
    tradie = booking.tradie
    manage_url = settings.SITE_URL + reverse("manage", args=[token_of(booking)])
    event = Event()
    event.add("uid", f"{booking.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", _sequence(booking))
    event.add("dtstamp", timezone.now())  # when this very file was made, as RFC 5545 has it
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("summary", f"{booking.service_name} - {tradie.business_name}")
    event.add("location", _address(booking))
    event.add("description", f"Reference {booking.reference}. See or cancel: {manage_url}")
    event.add("url", manage_url)
    event.add("status", CALENDAR_STATUS.get(Status(booking.status), "CONFIRMED"))
    event.add("organizer", _organizer(tradie.email, tradie.business_name))
    return event


def _sequence(booking: Booking) -> int:
    """A cancellation is one more revision after the last move."""
    return booking.sequence + (1 if booking.status in (Status.CANCELLED, Status.DECLINED) else 0)


def _address(booking: Booking) -> str:
    return f"{booking.address_line1}, {booking.address_suburb} {booking.address_state} {booking.address_postcode}"


def _organizer(email: str, name: str) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{email}")
    organizer.params["cn"] = vText(name)
    return organizer
