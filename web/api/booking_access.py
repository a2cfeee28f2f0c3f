"""Who may see a booking with a token."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from bookings.models import Booking
from bookings.tokens import find_by_token
from peepopay.errors import Forbidden, Unauthorized


def booking_of_token(request: Request, booking_id: uuid.UUID) -> Booking:
    """401 without a token that opens something, 403 with one that opens another booking."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    booking = find_by_token(token.strip()) if scheme.lower() == "bearer" else None
    if booking is None:
        raise Unauthorized
    if booking.pk != booking_id:
        raise Forbidden
    return booking


def for_its_holder(answer: dict[str, Any], status: int = 200) -> Response:
    """An answer with somebody's details or secrets: no browser or proxy keeps it."""
    return Response(answer, status=status, headers={"Cache-Control": "no-store"})
