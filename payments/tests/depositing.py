"""What tests of deposits have in common: Jo, who holds a time and pays."""

from __future__ import annotations

from datetime import timedelta

from bookings.models import Booking

LATER = timedelta(minutes=12)  # past the hold and its grace


def the_booking() -> Booking:
    return Booking.objects.select_related("tradie").get()


def pay(stripe_app, held, card="4242424242424242"):
    return stripe_app.pay(held["payment"]["client_secret"], card=card)


def keys(stripe_app, pattern: str) -> list[str]:
    """The idempotency keys of what we asked, without those that the library makes up."""
    asked = [request["idempotency_key"] or "" for request in stripe_app.requests(pattern)]
    return [key for key in asked if key.startswith("pp-")]
