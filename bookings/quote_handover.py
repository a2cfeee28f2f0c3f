"""A quoted job that was called off and booked again is one job: the quote goes with it."""

from __future__ import annotations

from .models import Booking


def take_over_quote(booking: Booking) -> None:
    """In the transaction that makes it certain: the one in whose place it was booked gives its quote up. Until then,
    and should its hold lapse unpaid, the quote stays where it is. Two queries at most, none for most bookings."""
    if booking.rebooks_id is None:
        return
    before = Booking.objects.filter(pk=booking.rebooks_id, quote_id__isnull=False)
    quote_id = before.values_list("quote_id", flat=True).first()
    if quote_id and before.filter(quote_id=quote_id).update(quote_id=None):
        Booking.objects.filter(pk=booking.pk).update(quote_id=quote_id)
        booking.quote_id = quote_id
