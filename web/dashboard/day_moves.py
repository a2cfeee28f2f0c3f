"""A day that can't be made: who is booked, until when they may answer, and then who took what and who is silent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import day_moves as rules
from bookings.actors import By
from bookings.held_times import held_for_all
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST
from web.dashboard.access import for_members
from web.dashboard.day_moves_forms import DayForm, MoveDayForm
from web.dashboard.whose import Whose, whose_in
from web.form_pages import form_page, posted

MOST_MOVES = 20


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def new(request: HttpRequest, member: Membership) -> HttpResponse:
    """GET asks which day, then shows who is booked; POST closes the day and tells them."""
    now, tradie, whose = timezone.now(), member.tradie, whose_in(request, member.tradie)
    asked = DayForm(request.GET if "day" in request.GET else None)
    today = in_zone(now, tradie.timezone).date()
    context: dict[str, Any] = {
        "tradie": tradie,
        "whose": whose,
        "day_form": asked,
        "moves": rules.with_progress(rules.moves_of(member, now))[:MOST_MOVES],
        "today": today,
    }
    if not asked.is_bound or not asked.is_valid():
        return render(request, "bookings/day_move_new.html", context)
    return _for_day(request, member, whose, asked.cleaned_data["day"], context, now)


def _for_day(
    request: HttpRequest, member: Membership, whose: Whose, day: date, context: dict[str, Any], now: datetime
) -> HttpResponse:
    earlier = rules.open_move(whose.calendar, day)
    if earlier and request.method != "POST":
        return redirect("day_move", earlier.pk)
    choices = rules.deadlines(day, member.tradie.timezone, now)
    form = MoveDayForm(posted(request), deadlines=choices, zone_name=member.tradie.timezone)
    if request.method == "POST" and form.is_valid():
        try:
            move = rules.move_day(
                whose.calendar,
                day,
                reason=form.cleaned_data["reason"],
                answer_by=form.until,
                by=By.of(member),
                now=now,
            )
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(request, "The day is closed, and its customers are told.")
            return redirect("day_move", move.pk)
    jobs = list(rules.jobs_on(whose.calendar, day, now)[: rules.MOST_JOBS])
    requests = rules.requests_on(whose.calendar, day, now)
    context |= {"day": day, "jobs": jobs, "requests": requests, "form": form}
    return form_page(request, "bookings/day_move_new.html", context, form)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def day_move(request: HttpRequest, member: Membership, move_id: UUID) -> HttpResponse:
    """Who took what, and who is silent. POST asks those who were booked into the day since."""
    now = timezone.now()
    move = get_object_or_404(member.tradie.day_moves.select_related("calendar__tradie"), pk=move_id)
    if request.method == "POST":
        if move.reopened_at is None:
            rules.move_day(
                move.calendar,
                move.day,
                reason=move.reason,
                answer_by=move.answer_by,
                by=By.of(member),
                now=now,
            )
        return redirect("day_move", move.pk)
    jobs = list(rules.seen_by(member, move)[: rules.MOST_JOBS * 2])
    kept = held_for_all([job.booking for job in jobs], now)
    unasked = [] if move.reopened_at else list(rules.unasked(move, now))
    context = {
        "tradie": member.tradie,
        "move": move,
        "now": now,
        "jobs": [(job, kept.get(job.booking_id, [])) for job in jobs],
        "answered": sum(not job.is_open for job in jobs),
        "unasked": unasked,
        "requests": () if move.reopened_at else rules.requests_on(move.calendar, move.day, now),
        "crew": member.tradie.calendars.count() > 1,
    }
    return render(request, "bookings/day_move.html", context)


@for_members(May.BOOKINGS)
@require_POST
def reopen(request: HttpRequest, member: Membership, move_id: UUID) -> HttpResponse:
    move = get_object_or_404(member.tradie.day_moves.select_related("calendar"), pk=move_id)
    kept = rules.reopen_day(move, by=By.of(member), now=timezone.now())
    told = f" We're telling {kept} customer{pluralize(kept)} that their time stays." if kept else ""
    notices.success(request, f"The day is open again.{told}")
    return redirect("day_move", move.pk)
