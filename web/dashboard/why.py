"""Why is this time not offered? Asked of any time of any service."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability.refusals import Reason
from bookings.why_not import Answer, why_not_offered
from peepopay.methods import require_safe
from web.dashboard.access import for_members
from web.dashboard.whose import whose_in
from web.dashboard.why_forms import WhyForm

# Where the rule is changed.
PAGES = {
    Reason.NOTICE: "booking_rules",
    Reason.HORIZON: "booking_rules",
    Reason.OFF_GRID: "booking_rules",
    Reason.DAY_FULL: "booking_rules",
    Reason.OUTSIDE_HOURS: "hours",
    Reason.DAY_OFF: "dates",
    Reason.NOT_THERE: "zones",
}


@for_members(May.HOURS)
@require_safe
def why_not(request: HttpRequest, member: Membership) -> HttpResponse:
    """`?service=ID&date=2027-01-14&time=09:00`; without the service that is what the form starts with."""
    tradie, now, whose = member.tradie, timezone.now(), whose_in(request, member.tradie)
    asked = request.GET if "service" in request.GET else None
    form = WhyForm(asked, initial=request.GET.dict(), tradie=tradie)
    answers = None
    if form.is_valid():
        starts_at, service = form.starts_at, form.cleaned_data["service"]
        postcode = form.cleaned_data.get("postcode", "")
        answers = [
            (answer, _page(answer, bool(whose.crew)))
            for answer in why_not_offered(service, starts_at, now, postcode=postcode)
        ]
    context = {"tradie": tradie, "form": form, "answers": answers, "whose": whose}
    context["has_services"] = tradie.services.exists()
    return render(request, "availability/why.html", context)


def _page(answer: Answer, of_several: bool) -> str:
    """Where to see or change what is in the way; nothing where nobody can."""
    if answer.booking:
        return reverse("booking", args=[answer.booking.holds_for_id or answer.booking.pk])
    if answer.block:
        return reverse("time_off_change", args=[answer.block.pk])
    if answer.is_too_far:
        return reverse("business")
    name = PAGES.get(answer.reason) if answer.reason else None
    query = f"?calendar={answer.calendar.pk}" if of_several else ""
    return reverse(name) + query if name else ""
