"""What a business's own systems are told of its bookings. docs/webhooks.md describes it to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from notifications.webhooks.event_types import EventType, register
from notifications.webhooks.telling import tell
from peepopay.local_time import in_zone

from .actors import By
from .models import HELD, Booking, EventKind

# By the line of the history that each goes with. A hold is nobody's business but its customer's until it is paid.
TYPES: dict[EventKind, EventType] = {
    EventKind.REQUESTED: register("booking.requested", "A customer asks for a time that you approve first."),
    EventKind.CONFIRMED: register(
        "booking.confirmed", "A booking is certain: paid, approved, or neither was needed."
    ),
    EventKind.MOVED: register("booking.moved", "A booking has another time."),
    EventKind.CANCELLED: register("booking.cancelled", "A booking was cancelled, by the customer or by you."),
    EventKind.DECLINED: register("booking.declined", "You declined a request."),
    EventKind.COMPLETED: register("booking.completed", "A job was marked done."),
    EventKind.COMPLETED_UNDONE: register(
        "booking.completed_undone", "That was taken back: the job is still to be done."
    ),
    EventKind.NO_SHOW: register("booking.no_show", "A customer wasn't there."),
    EventKind.NO_SHOW_UNDONE: register(
        "booking.no_show_undone", "A no-show was taken back: the booking stands again."
    ),
}


def tell_of(booking: Booking, kind: EventKind, *, by: By, now: datetime) -> None:
    """In the caller's transaction, once the row is as it is to be told."""
    if kind in TYPES and booking.status not in HELD and booking.has_listeners:
        tell(
            booking.tradie_id,
            TYPES[kind],
            booking.pk,
            lambda: {"booking": as_told(booking), "by": by.actor.value},
            now=now,
        )


def as_told(booking: Booking) -> dict[str, Any]:
    """Times in the business's zone, money in cents; nothing that opens the customer's page."""
    zone = booking.tradie.timezone
    return {
        "id": str(booking.pk),
        "reference": booking.reference,
        "status": booking.status,
        "start": in_zone(booking.starts_at, zone).isoformat(),
        "end": in_zone(booking.ends_at, zone).isoformat(),
        "arrival_window_minutes": booking.arrival_window_minutes,
        "timezone": zone,
        "service": {"id": str(booking.service_id), "name": booking.service_name},
        "calendar": {"id": str(booking.calendar_id), "name": booking.calendar.name},
        "customer": {
            "name": booking.customer_name,
            "email": booking.customer_email,
            "phone": booking.customer_phone,
        },
        "address": {
            "line1": booking.address_line1,
            "suburb": booking.address_suburb,
            "state": booking.address_state,
            "postcode": booking.address_postcode,
        },
        "notes": booking.notes,
        "answers": booking.answers,
        "price_cents": booking.price_cents,
        "price_from": booking.price_from,
        "deposit_cents": booking.deposit_cents,
        "cancel_reason": booking.cancel_reason,
        "dashboard_url": settings.SITE_URL + reverse("booking", args=[booking.pk]),
    }
