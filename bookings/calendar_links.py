"""Links that fill in a new entry of a calendar on the web. Unlike the file they bring nothing up to date later, and
they carry no link of ours: what is in an address is read by others."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from peepopay.phone import as_written

from .calendar_file import address_of, arrival_sentence, title_of
from .models import Booking

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/action/compose"


def google_link(booking: Booking) -> str:
    entry = {
        "action": "TEMPLATE",
        "text": title_of(booking),
        "dates": f"{_utc(booking.starts_at)}/{_utc(booking.ends_at)}",
        "location": address_of(booking),
        "details": _notes(booking),
    }
    return f"{GOOGLE}?{urlencode(entry)}"


def outlook_link(booking: Booking) -> str:
    entry = {
        "rru": "addevent",
        "subject": title_of(booking),
        "startdt": booking.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "enddt": booking.ends_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "location": address_of(booking),
        "body": _notes(booking),
    }
    return f"{OUTLOOK}?{urlencode(entry)}"


def _notes(booking: Booking) -> str:
    whom = f"{booking.tradie.business_name}: {as_written(booking.tradie.phone)}"
    return f"{arrival_sentence(booking)}Reference {booking.reference}. {whom}"


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
