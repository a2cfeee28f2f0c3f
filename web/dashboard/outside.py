"""Calendars kept elsewhere: connecting one, how it fares, which jobs lie in its times, and which were moved there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages as notices
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability import outside as rules
from availability.models import OutsideCalendar
from bookings import calendar_sync
from bookings.calendar_sync import put_back_of_late
from bookings.models import CopiedJob
from peepopay.errors import ValidationFailed
from peepopay.forms import PART_MISSING, add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.bookings import CHANGED_MEANWHILE, own
from web.dashboard.once import made_once
from web.dashboard.outside_forms import AccountForm, ChoiceForm, CopyForm, OutsideForm, PutBackForm
from web.dashboard.still_booked import in_outside_times
from web.dashboard.whose import whose_in, whose_is
from web.form_pages import form_page, posted


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
        "restored": put_back_of_late(whose.calendar, now) if rows else [],
    }
    return render(request, "availability/outside.html", context)


@for_members(May.HOURS)
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    return _add(request, member, OutsideForm(posted(request)), rules.connect)


@for_members(May.HOURS)
@SHOW_AND_SAVE
@made_once
def add_account(request: HttpRequest, member: Membership) -> HttpResponse:
    """By CalDAV, both ways."""
    return _add(request, member, AccountForm(posted(request)), rules.connect_account)


def _add(
    request: HttpRequest, member: Membership, form: OutsideForm, connect: Callable[..., OutsideCalendar]
) -> HttpResponse:
    whose = whose_in(request, member.tradie)
    if request.method == "POST" and form.is_valid():
        try:
            connect(whose.calendar, **form.cleaned_data, now=timezone.now())
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(request, "Connected. It is read now: reload this page in a moment.")
            return whose.back_to("outside_calendars")
    is_account = isinstance(form, AccountForm)
    context = {"tradie": member.tradie, "whose": whose, "form": form, "is_account": is_account}
    return form_page(request, "availability/outside_add.html", context, form)


@for_members(May.HOURS)
@require_POST
def choose(request: HttpRequest, member: Membership, outside_id: UUID) -> HttpResponse:
    """Which calendar of an account."""
    outside, form = _own(member, outside_id), ChoiceForm(request.POST)
    if not form.is_valid():
        notices.error(request, PART_MISSING)
    elif rules.choose(outside, form.cleaned_data["collection"], now=timezone.now()):
        notices.success(request, "Chosen. Jobs appear there in a moment: reload this page.")
    else:
        notices.warning(request, "That one isn't there to choose any more.")
    return whose_is(outside.calendar).back_to("outside_calendars")


@for_members(May.BOOKINGS)
@require_POST
def put_back(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """A job that was moved in a calendar kept elsewhere stays at its time, there too."""
    booking, form = own(member, booking_id), PutBackForm(request.POST)
    if not form.is_valid():
        notices.error(request, PART_MISSING)
        return redirect("booking", booking.pk)
    copy, wanted_at = form.cleaned_data["copy"], form.cleaned_data["wanted_at"]
    found = get_object_or_404(CopiedJob, pk=copy, booking=booking)
    if calendar_sync.put_back(found, wanted_at=wanted_at, now=timezone.now()):
        notices.success(request, "It stays at its time. The other calendar shows that in a moment.")
    else:
        notices.warning(request, CHANGED_MEANWHILE)
    return redirect("booking", booking.pk)


@for_members(May.BOOKINGS)
@require_POST
def stays(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """What was undone of it in a calendar kept elsewhere was read."""
    booking, form = own(member, booking_id), CopyForm(request.POST)
    if not form.is_valid():
        notices.error(request, PART_MISSING)
        return redirect("booking", booking.pk)
    calendar_sync.was_read(get_object_or_404(CopiedJob, pk=form.cleaned_data["copy"], booking=booking))
    notices.success(request, "It stays as it is.")
    return redirect("booking", booking.pk)


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
