"""A booking goes to another person or van at the same time."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability.refusals import Reason
from bookings import handing_over as rules
from bookings.actors import By
from peepopay.errors import AppError
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.bookings import back, own
from web.dashboard.bookings_forms import HandOverForm
from web.form_pages import form_page, posted

WHY_NOT = {
    Reason.DAY_OFF: "doesn't work that day",
    Reason.OUTSIDE_HOURS: "doesn't work at that time",
    Reason.TIME_OFF: "has time off then",
    Reason.TAKEN: "has another job then",
    Reason.TRAVEL: "can't get there in time from another job",
}


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def hand_over(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET shows who is free then; POST hands it over."""
    booking, now = own(member, booking_id), timezone.now()
    if not rules.may_be_handed_over(booking, now):
        return back(request, booking, False, "")
    if request.POST.get("to") == str(booking.calendar_id):  # the button was pressed twice
        return redirect("booking", booking.pk)
    others = rules.candidates(booking)
    free = [calendar for calendar, reason in others if reason is None]
    form = HandOverForm(posted(request), booking=booking, free=free)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            booking = rules.hand_over(booking, given["to"], by=By.of(member), now=now, tell=given["tell"])
        except AppError as refusal:
            form.add_error(None, refusal.message)
        else:
            told = f" We're telling {booking.customer_name}." if given["tell"] else ""
            return back(request, booking, True, f"{booking.calendar} does it now.{told}")
    context = {
        "tradie": member.tradie,
        "booking": booking,
        "form": form,
        "free": free,
        "busy": [(calendar, WHY_NOT[reason]) for calendar, reason in others if reason],
    }
    return form_page(request, "bookings/hand_over.html", context, form)
