"""A customer says who is home, and how to get in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bookings.models import Booking
from bookings.on_site import may_change, say_who_is_home
from peepopay.errors import BookingNotChangeable, CallInstead
from peepopay.methods import SHOW_AND_SAVE
from web.customer.access import back_to_booking, for_the_customer
from web.customer.forms import OnSiteForm
from web.form_pages import form_page, posted


@for_the_customer
@SHOW_AND_SAVE
def on_site(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """POST keeps it; all empty, the customer is home themselves again."""
    now = timezone.now()
    if not may_change(booking, now):
        return back_to_booking(token)
    form = OnSiteForm(posted(request), initial=OnSiteForm.of(booking))
    context = {"booking": booking, "tradie": booking.tradie, "token": token, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            say_who_is_home(booking, **form.cleaned_data, now=now)
        except BookingNotChangeable:
            return back_to_booking(token)
        except CallInstead as refusal:
            context["refusal"] = refusal.message
            return render(request, "bookings/manage_on_site.html", context, status=refusal.status)
        return back_to_booking(token, said="on_site")
    return form_page(request, "bookings/manage_on_site.html", context, form)
