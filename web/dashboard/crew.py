"""Who does the jobs: the people and vans whose time customers book."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability import crew as rules
from availability.models import Calendar
from bookings.actors import By
from bookings.handing_over import hand_over_all, left_with_the_stopped, still_with
from peepopay.errors import ValidationFailed
from peepopay.forms import PART_MISSING, add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.crew_forms import AddForm, ChangeForm, StopForm
from web.dashboard.once import made_once
from web.dashboard.services import MOST_SHOWN
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted

MOST_LEFT_SHOWN = 20


def _own(member: Membership, calendar_id: UUID) -> Calendar:
    calendars = member.tradie.calendars.select_related("tradie", "worker")
    return get_object_or_404(calendars, pk=calendar_id)


@for_members(May.CREW)
@require_safe
def crew(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    services = list(tradie.services.filter(is_active=True)[:MOST_SHOWN])
    crew = rules.abilities(rules.everybody(tradie), services)
    left = left_with_the_stopped(tradie, timezone.now())
    context = {
        "tradie": tradie,
        "crew": [(calendar, does, left.get(calendar.pk, 0)) for calendar, does in crew],
        "services": services,
        "by_nobody": rules.services_nobody_does(tradie)[:MOST_SHOWN],
    }
    return render(request, "availability/crew.html", context)


@for_members(May.CREW)
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    """A new one has no hours, so that is where it goes on."""
    tradie = member.tradie
    first, *others = tradie.calendars.all()
    form = AddForm(posted(request), first=None if others else first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            calendar = rules.add_calendar(tradie, given["name"], first_name=given.get("first_name", ""))
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(
                request, f"{calendar.name} is added. Set the hours now: until then nobody can book."
            )
            return redirect(f"{reverse('hours')}?calendar={calendar.pk}")
    return form_page(request, "availability/crew_add.html", {"tradie": tradie, "form": form}, form)


@for_members(May.CREW)
@SHOW_AND_SAVE
@one_at_a_time
def change(request: HttpRequest, member: Membership, calendar_id: UUID) -> HttpResponse:
    tradie, calendar = member.tradie, _own(member, calendar_id)
    others = tradie.calendars.exclude(pk=calendar.pk).order_by("-is_active")
    services = list(tradie.services.filter(is_active=True)[:MOST_SHOWN]) if others else []
    [(_, does)] = rules.abilities([calendar], services)
    form = ChangeForm(
        posted(request),
        initial={
            "name": calendar.name,
            "worker": calendar.worker_id,
            "offered": [service.pk for service in services],
            "services": [service.pk for service in does],
        },
        tradie=tradie,
        services=services,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rules.change_calendar(calendar, name=given["name"], worker=given["worker"], does=form.does)
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(request, f"{calendar.name} is saved.")
            return redirect("crew")
    left = list(still_with(calendar, timezone.now())[: MOST_LEFT_SHOWN + 1])
    context = {
        "tradie": tradie,
        "calendar": calendar,
        "form": form,
        "may_stop": calendar.is_active and any(other.is_active for other in others),
        "left": left[:MOST_LEFT_SHOWN],
        "more_left": len(left) > MOST_LEFT_SHOWN,
        "stop_form": StopForm(calendar=calendar) if left else None,
    }
    return form_page(request, "availability/calendar.html", context, form)


@for_members(May.CREW)
@require_POST
def move(request: HttpRequest, member: Membership, calendar_id: UUID) -> HttpResponse:
    """`by`: -1 is up, 1 is down."""
    by = {"-1": -1, "1": 1}.get(request.POST.get("by", ""))
    calendar = _own(member, calendar_id)
    if by is None:
        notices.error(request, PART_MISSING)
    else:
        rules.reorder_calendar(calendar, by=by)
    return redirect("crew")


@for_members(May.CREW)
@require_POST
def stop(request: HttpRequest, member: Membership, calendar_id: UUID) -> HttpResponse:
    """`bookings`: what becomes of those that are still to be done; needed where there are any."""
    calendar, now = _own(member, calendar_id), timezone.now()
    form = StopForm(request.POST, calendar=calendar)
    if not form.is_valid() and still_with(calendar, now).exists():
        notices.warning(request, f"Say first what becomes of the bookings that {calendar.name} has.")
        return redirect("crew_change", calendar.pk)
    try:
        rules.stop_calendar(calendar)
    except ValidationFailed as refusal:
        notices.warning(request, refusal.message)
        return redirect("crew_change", calendar.pk)
    notices.success(request, f"{calendar.name} takes no more bookings.")
    if form.cleaned_data.get("bookings") == StopForm.HAND_OVER:
        return _hand_over_all(request, member, calendar)
    return redirect("crew")


def _hand_over_all(request: HttpRequest, member: Membership, calendar: Calendar) -> HttpResponse:
    done, left = hand_over_all(calendar, by=By.of(member), now=timezone.now())
    if done:
        notices.success(request, f"Handed over: {bookings_in_words(len(done))}.")
    if not left:
        return redirect("crew")
    notices.warning(
        request,
        f"Nobody else is free for {bookings_in_words(len(left))}. Open each to move or cancel it, or"
        f" {calendar.name} still does it.",
    )
    return redirect("crew_change", calendar.pk)


def bookings_in_words(count: int) -> str:
    return "1 booking" if count == 1 else f"{count} bookings"


@for_members(May.CREW)
@require_POST
def choice(request: HttpRequest, member: Membership) -> HttpResponse:
    """`may`: 1 lets customers choose who comes, 0 does not."""
    may = {"1": True, "0": False}.get(request.POST.get("may", ""))
    if may is None:
        notices.error(request, PART_MISSING)
    else:
        rules.let_customers_choose(member.tradie, may)
        said = (
            "can choose who comes now" if may else "can't choose any more, and see no names before they book"
        )
        notices.success(request, f"Customers {said}.")
    return redirect("crew")


@for_members(May.CREW)
@require_POST
def start(request: HttpRequest, member: Membership, calendar_id: UUID) -> HttpResponse:
    calendar = _own(member, calendar_id)
    rules.start_calendar(calendar)
    notices.success(request, f"{calendar.name} takes bookings again, in the hours from before.")
    return redirect("crew")
