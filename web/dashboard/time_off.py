"""Time off: the list, one block, and which bookings fall into it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Membership, Tradie
from accounts.roles import May
from availability import time_off as rules
from availability.models import TimeOff
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members
from web.dashboard.hours_forms import Start, StartForm, TimeOffForm, typed, typed_at
from web.dashboard.once import made_once
from web.dashboard.still_booked import in_time_off
from web.dashboard.versions import one_at_a_time
from web.dashboard.whose import Whose, whose_in, whose_is
from web.form_pages import form_page, posted


def _own(tradie: Tradie, block_id: UUID) -> TimeOff:
    blocks = TimeOff.objects.filter(calendar__tradie=tradie).select_related("calendar__tradie", "source")
    return get_object_or_404(blocks, pk=block_id)


@for_members(May.HOURS)
@require_safe
def time_off(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    page = page_of(rules.still_ahead(whose.calendar.time_off.all(), timezone.now()), request.GET.get("page"))
    context = {"tradie": tradie, "whose": whose, "page": page}
    return render(request, "availability/time_off_list.html", context)


@for_members(May.HOURS)
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    """`?start=2027-01-14T09:00`, or a date alone: what the form starts with, and where one comes back to."""
    whose, at = whose_in(request, member.tradie), StartForm(request.GET).wanted()
    return _page(request, whose, TimeOff(calendar=whose.calendar), at=at)


@for_members(May.HOURS)
@SHOW_AND_SAVE
@one_at_a_time
def change(request: HttpRequest, member: Membership, block_id: UUID) -> HttpResponse:
    block = _own(member.tradie, block_id)
    whose = whose_is(block.calendar)
    if block.source:
        return whose.back_to("outside_calendars")
    return _page(request, whose, block, initial=typed(block, member.tradie.timezone))


def _page(
    request: HttpRequest,
    whose: Whose,
    block: TimeOff,
    initial: dict[str, object] | None = None,
    at: Start | None = None,
) -> HttpResponse:
    tradie = block.calendar.tradie
    form = TimeOffForm(posted(request), initial=initial or typed_at(at), zone_name=tradie.timezone)
    form.is_new = block._state.adding
    if request.method == "POST" and form.is_valid():
        rules.save_time_off(block.calendar, form.fill(block))
        return _saved(request, whose, block, at)
    context = {
        "tradie": tradie,
        "whose": whose,
        "form": form,
        "at": at,
        "booking_address": _of_a_booking(request, whose) if at else "",
        "time_off": None if block._state.adding else block,
        "now": timezone.now(),
        "clashes": in_time_off(block) if initial else [],
    }
    return form_page(request, "availability/time_off.html", context, form)


def _of_a_booking(request: HttpRequest, whose: Whose) -> str:
    """Of the page that makes one then, for the same person."""
    named = {"calendar": str(whose.calendar.pk)} if whose.crew else {}
    return f"{reverse('booking_add')}?{urlencode({'start': request.GET['start'], **named})}"


def _saved(request: HttpRequest, whose: Whose, block: TimeOff, at: Start | None) -> HttpResponse:
    if not in_time_off(block):
        notices.success(
            request,
            whose.says(
                "Saved. Nobody can book you in that time.", "Saved. Nobody can book {name} in that time."
            ),
        )
        if at:
            return redirect(f"{reverse('calendar')}?date={at.day}")
        return whose.back_to("time_off")
    notices.warning(request, "Saved, but bookings fall into it. They stay booked until you cancel them.")
    return redirect("time_off_change", block.pk)


@for_members(May.HOURS)
@require_POST
def remove(request: HttpRequest, member: Membership, block_id: UUID) -> HttpResponse:
    block = _own(member.tradie, block_id)
    if block.source:
        raise Http404  # it goes where it is kept, or with its calendar
    rules.remove_time_off(block)
    notices.success(request, "Removed. Customers can book that time again.")
    return whose_is(block.calendar).back_to("time_off")
