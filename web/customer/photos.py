"""A customer shows what the job is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from bookings import photos as rules
from bookings.actors import CUSTOMER
from bookings.models import Booking
from peepopay.errors import BookingNotChangeable
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.customer.access import back_to_booking, for_the_customer
from web.form_pages import form_page
from web.photos import in_page, picture, posted


@for_the_customer
@SHOW_AND_SAVE
def photos(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """GET shows them; POST adds what was chosen."""
    form = posted(request, booking, CUSTOMER)
    if request.method == "POST":
        try:
            if form.save(booking, by=CUSTOMER, now=timezone.now()):
                return redirect("manage_photos", token)
        except BookingNotChangeable:
            return back_to_booking(token)
    context = {"booking": booking, "tradie": booking.tradie, "token": token, "form": form}
    context |= in_page(booking, CUSTOMER)
    return form_page(request, "bookings/manage_photos.html", context, form)


@for_the_customer
@require_safe
def photo(request: HttpRequest, booking: Booking, token: str, photo_id: UUID) -> HttpResponse:
    return picture(request, booking, photo_id)


@for_the_customer
@require_POST
def remove(request: HttpRequest, booking: Booking, token: str, photo_id: UUID) -> HttpResponse:
    """One that they added; pressed twice, it is gone all the same."""
    rules.remove(booking, photo_id, by=CUSTOMER, now=timezone.now())
    return redirect("manage_photos", token)
