"""What tools answer of a booking, and the names of what a customer is shown before they agree."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import orjson

from bookings.booking_again import widget_link
from bookings.models import HELD, Booking
from bookings.tokens import token_of
from peepopay.local_time import iso
from web.api.booking_outputs import booking_answer

OF_BOOKING = (
    "id",
    "reference",
    "status",
    "start",
    "end",
    "deposit_cents",
    "paid_cents",
    "refunded_cents",
    "policy_statement",
    "changeable_until",
    "manage_url",
)


def booking_told(booking: Booking, now: datetime) -> dict[str, Any]:
    """Without anybody's name, number or address: the assistant has no need of them."""
    told = booking_answer(booking, now=now)
    is_held = booking.status in HELD and booking.held_until is not None
    until = booking.held_until if is_held else None
    return {
        **{name: told[name] for name in OF_BOOKING},
        "held_until": iso(until, booking.tradie.timezone) if until else None,
        "pay_url": widget_link(booking) if is_held else None,
        "token": token_of(booking),
    }


def id_of(shown: list[Any]) -> str:
    """Names what is shown: another as soon as any of it is."""
    return hashlib.sha256(orjson.dumps(shown)).hexdigest()
