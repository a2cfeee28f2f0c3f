"""The business called a booking off: its customer chooses another time, before others and on the terms they had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from bookings.booking_again import widget_link
from bookings.models import HELD, Booking
from bookings.priority import may_rebook_until, rebooked
from bookings.rebooking import OVER, terms_again, times_again
from bookings.tokens import token_of
from payments import checkout
from peepopay.errors import (
    AppError,
    BookingNotChangeable,
    SlotUnavailable,
    TradieNotBookable,
    ValidationFailed,
)
from peepopay.methods import SHOW_AND_SAVE
from web.customer.access import for_the_customer
from web.customer.forms import RebookForm
from web.customer.moving import FROM_THE_LIST


@for_the_customer
@SHOW_AND_SAVE
def rebook(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """GET shows the nearest free times; POST books one of them, to be paid next where a deposit is due."""
    now = timezone.now()
    if earlier := rebooked(booking):
        return _to(earlier)
    if may_rebook_until(booking, now) is None:
        return _refused(request, booking, token, BookingNotChangeable(OVER), now)
    if request.method != "POST":
        return render(request, "bookings/manage_rebook.html", _context(booking, token, now))
    form = RebookForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationFailed(FROM_THE_LIST)
        return _to(checkout.book_again(booking, form.cleaned_data["start"], now=now))
    except (BookingNotChangeable, SlotUnavailable, ValidationFailed, TradieNotBookable) as refusal:
        return _refused(request, booking, token, refusal, now)


def _to(booking: Booking) -> HttpResponse:
    """To the card, or where nothing is left to pay to the page of the booking."""
    return redirect(widget_link(booking) if booking.status in HELD else _page_of(booking))


def _page_of(booking: Booking) -> str:
    return reverse("manage", args=[token_of(booking)])


def _refused(
    request: HttpRequest, booking: Booking, token: str, refusal: AppError, now: datetime
) -> HttpResponse:
    context = {**_context(booking, token, now), "refusal": refusal.message}
    status = refusal.status if request.method == "POST" else 200
    return render(request, "bookings/manage_rebook.html", context, status=status)


def _context(booking: Booking, token: str, now: datetime) -> dict[str, Any]:
    terms, until = terms_again(booking), may_rebook_until(booking, now)
    return {
        "booking": booking,
        "tradie": booking.tradie,
        "token": token,
        "terms": terms,
        "until": until,
        "times": times_again(booking, now) if until else [],
    }
