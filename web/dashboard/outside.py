"""Calendars kept elsewhere: connecting one, how it fares, and which jobs lie in its times."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability import outside as rules
from availability.models import OutsideCalendar
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.once import made_once
from web.dashboard.outside_forms import OutsideForm
from web.dashboard.still_booked import in_outside_times
from web.dashboard.whose import whose_in, whose_is


def _own(member: Membership, outside_id: UUID) -> OutsideCalendar:
    rows = OutsideCalendar.objects.filter(calendar__tradie=member.tradie).select_related("calendar__tradie")
    return get_object_or_404(rows, pk=outside_id)


@for_members(May.HOURS)
@require_safe
def calendars(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose, now = member.tradie, whose_in(request, member.tradie), timezone.now()
    ahead = Count("times", filter=Q(times__ends_at__gt=now))
    rows = list(whose.calendar.outside_calendars.annotate(held=ahead))
    whose.calendar.tradie = tradie
    context = {
        "tradie": tradie,
        "whose": whose,
        "calendars": rows,
        "clashes": in_outside_times(whose.calendar) if rows else [],
    }
    return render(request, "availability/outside.html", context)


@for_members(May.HOURS)
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    whose = whose_in(request, member.tradie)
    form = OutsideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rules.connect(whose.calendar, **form.cleaned_data, now=timezone.now())
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(request, "Connected. It is read now: reload this page in a moment.")
            return whose.back_to("outside_calendars")
    context = {"tradie": member.tradie, "whose": whose, "form": form}
    return render(request, "availability/outside_add.html", context)


@for_members(May.HOURS)
@require_POST
def read(request: HttpRequest, member: Membership, outside_id: UUID) -> HttpResponse:
    outside = _own(member, outside_id)
    if rules.read_soon(outside, now=timezone.now()):
        notices.success(request, "It is read now. Reload this page in a moment.")
    else:
        notices.warning(request, "It was read just now. Wait a minute.")
    return whose_is(outside.calendar).back_to("outside_calendars")


@for_members(May.HOURS)
@require_POST
def remove(request: HttpRequest, member: Membership, outside_id: UUID) -> HttpResponse:
    outside = _own(member, outside_id)
    rules.remove(outside)
    notices.success(request, f"Removed. What is in “{outside.name}” holds no time here any more.")
    return whose_is(outside.calendar).back_to("outside_calendars")
