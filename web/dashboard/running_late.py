"""Today's button for running late: the customers of the rest of the day are told."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import pluralize
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import job_lists, running_late
from bookings.actors import By
from peepopay.methods import require_POST
from peepopay.templatetags.reading import hours_and_minutes
from web.dashboard.access import for_members
from web.dashboard.bookings_forms import RunningLateForm


@for_members(May.JOBS)
@require_POST
def say(request: HttpRequest, member: Membership) -> HttpResponse:
    """`minutes` by a button, 0 for on time again; or `typed`. Of one of the calendars whose jobs they see."""
    form = RunningLateForm(request.POST)
    if not form.is_valid():
        notices.warning(request, str(next(iter(form.errors.values()))[0]))
        return redirect("dashboard_today")
    calendar = get_object_or_404(
        job_lists.calendars_of(member).select_related("tradie"), pk=form.cleaned_data["calendar"]
    )
    minutes = form.by_minutes
    told = running_late.say_late(calendar, minutes, by=By.of(member), now=timezone.now())
    said = f"about {hours_and_minutes(minutes)} late" if minutes else "on time again"
    if told:
        notices.success(request, f"We're telling {told} customer{pluralize(told)} that you're {said}.")
    else:
        notices.warning(request, f"Nobody is left to be told today that you're {said}.")
    return redirect("dashboard_today")
