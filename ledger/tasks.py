"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Posting
from peepopay import outbox

from . import posting


@outbox.handles(Posting)
def post(row: Posting, now: datetime) -> outbox.Changes:
    """Something happened to a booking: enter what the books lack of it."""
    posting.keep_books(row.booking_id)
    return {}
