"""Back to the booking page with what a customer has already said: to pay for a time that is held, or to choose another
where one was lost."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from peepopay.errors import Alternative
from peepopay.local_time import iso

from .models import Booking
from .open_slots import Wish, nearest_open
from .places import on_offer
from .tokens import token_of


def widget_link(booking: Booking, starts_at: datetime | None = None) -> str:
    """The booking page, at the card while the booking is held, else at its service, or at that time of it. The secret
    stands behind the #, which no browser sends to anybody."""
    wanted = {"service": str(booking.service_id)}
    if starts_at:
        wanted["start"] = iso(starts_at, booking.tradie.timezone)
    page = settings.SITE_URL + reverse("booking_widget", args=[booking.tradie.slug])
    return f"{page}?{urlencode(wanted)}#{urlencode({'booking': booking.pk, 'token': token_of(booking)})}"


def other_times(booking: Booking, now: datetime, *, but_not_then: bool = False) -> list[Alternative]:
    """The three free times nearest to the one that was lost, on the terms of today; none where that service is not on
    offer any more, nor where it was quoted: the page of the quote has the times for that. `but_not_then`: that time
    itself is none of them, though it is free again."""
    service, tradie = booking.service, booking.tradie
    if booking.quote_lines or not (service.is_active and tradie.is_open):
        return []
    wish = Wish(tradie, service.pk, on_offer(service, booking.address_postcode), booking.starts_at)
    return nearest_open(wish, now, but_not_then=but_not_then)
