"""A customer asks for something: a call, or a new link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bookings.calls import BestTime, ask_for_call
from bookings.models import Booking
from bookings.new_links import may_have_new_link, renew_link
from peepopay.errors import BookingNotChangeable, CallInstead
from peepopay.methods import SHOW_AND_SAVE
from web.customer.access import back_to_booking, for_the_customer
from web.customer.forms import CallForm, NewLinkForm
from web.form_pages import form_page, posted


@for_the_customer
@SHOW_AND_SAVE
def call(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """POST has the business told that they would like to be called."""
    form = CallForm(posted(request), initial={"best_time": BestTime.ANY})
    context = {"booking": booking, "tradie": booking.tradie, "token": token, "form": form}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            is_new = ask_for_call(
                booking, best_time=BestTime(said["best_time"]), words=said["words"], now=timezone.now()
            )
        except CallInstead as refusal:
            context["refusal"] = refusal.message
            return render(request, "bookings/manage_call.html", context, status=refusal.status)
        return back_to_booking(token, said="call" if is_new else "call_again")
    return form_page(request, "bookings/manage_call.html", context, form)


@for_the_customer
@SHOW_AND_SAVE
def new_link(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """POST ends this link and mails another; then this very address says so."""
    context = {
        "booking": booking,
        "tradie": booking.tradie,
        "token": token,
        "to": hidden(booking.customer_email),
    }
    form = NewLinkForm(posted(request), initial={"instead_of": booking.token_number})
    context |= {"may": may_have_new_link(booking), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            renew_link(booking, now=timezone.now())
        except CallInstead as refusal:
            context["refusal"] = refusal.message
            return render(request, "bookings/manage_link.html", context, status=refusal.status)
        except BookingNotChangeable:
            return back_to_booking(token)
        return redirect("manage", token)
    return form_page(request, "bookings/manage_link.html", context, form)


def hidden(email: str) -> str:
    """Enough of an address to know it by: `j…@example.com`."""
    return f"{email[:1]}…{email[email.rfind('@') :]}"
