"""The customer's secret for one booking; see `peepopay/derived_tokens.py`."""

from __future__ import annotations

from peepopay import derived_tokens
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of
from peepopay.lookups import only
from peepopay.written_once import Given, WrittenOnce

from .models import Booking, FormerToken, with_is_of_several

PURPOSE = "bookings.token"


def new_token(booking_id: object, number: int = 0) -> str:
    """The `number` of a booking says how often its link was replaced (`new_links.py`)."""
    return derived_tokens.new_token(PURPOSE, _about(booking_id, number))


def token_of(booking: Booking) -> str:
    """The token whose hash the booking carries. Raises LookupError where no secret key gives it."""
    return derived_tokens.token_with(booking.token_hash, PURPOSE, _about(booking.pk, booking.token_number))


def _about(booking_id: object, number: int) -> str:
    return f"{booking_id}:{number}" if number else str(booking_id)


def find_by_token(token: str) -> Booking | None:
    """The booking this token opens, with its tradie and calendar, or None."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return _by_hash.only(token_hash=hash_of(token))


_by_hash = WrittenOnce(
    lambda: (
        with_is_of_several(Booking.objects.select_related("tradie", "calendar", "visit"))
        .filter(token_hash=Given("token_hash"))
        .order_by()
    )
)


def find_by_former_token(token: str) -> Booking | None:
    """The booking that it opened until it was replaced, or None."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = FormerToken.objects.select_related("booking__tradie", "booking__calendar")
    former = only(rows.filter(token_hash=hash_of(token)))
    return former.booking if former else None
