"""Where the business goes, on which days and for what fee."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.call_out_zones import as_column, zones_of
from accounts.models import Membership
from accounts.roles import May
from availability.catalogue import change_business
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.versions import one_at_a_time
from web.dashboard.zones_forms import ZonesForm
from web.form_pages import form_page, posted


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@one_at_a_time
def zones(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    form = ZonesForm(posted(request), zones=zones_of(tradie), tradie=tradie)
    if request.method == "POST" and form.is_valid():
        tradie.call_out_zones = as_column(form.chosen())
        tradie.travel_kmh = form.cleaned_data["travel_kmh"]
        tradie.travel_slack_minutes = form.cleaned_data["travel_slack"]
        tradie.shows_near_days = form.cleaned_data["near_days"]
        change_business(tradie, ["call_out_zones", "travel_kmh", "travel_slack_minutes", "shows_near_days"])
        notices.success(request, "Saved. Bookings already made keep their terms.")
        return redirect("zones")
    context = {"tradie": tradie, "form": form}
    return form_page(request, "accounts/zones.html", context, form)
