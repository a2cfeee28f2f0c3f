"""Jobs that come round: every date with what stands in its way before it is saved, then what became of each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Membership
from accounts.roles import May
from bookings import series as rules
from bookings.actors import By
from bookings.models import Booking, Series
from bookings.series_dates import A_DAY, AHEAD, SHOWN_AHEAD, Dated, dates_between, looked_at
from bookings.series_file import series_file
from bookings.series_rule import months_without
from payments.series import end_series
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import day_of, in_zone, iso
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.bookings import CHANGED_MEANWHILE, own
from web.dashboard.series_forms import DayForm, RepeatForm
from web.form_pages import form_page

STILL_TAKEN = "That day still can't be booked. See below what stands in its way."


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def repeat(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET asks how often (`every`, `until`), then shows every date and what stands in its way; POST saves it, if its
    `first` is still when the booking is."""
    booking, now = own(member, booking_id), timezone.now()
    if visit := getattr(booking, "visit", None):
        return redirect("series", visit.series_id)
    sent = request.POST if request.method == "POST" else request.GET if "every" in request.GET else None
    form = RepeatForm(sent, booking=booking)
    context: dict[str, Any] = {
        "tradie": booking.tradie,
        "booking": booking,
        "form": form,
        "may_repeat": rules.may_repeat(booking),
    }
    if form.is_valid() and context["may_repeat"]:
        if request.method == "POST" and request.POST.get("first") != iso(
            booking.starts_at, member.tradie.timezone
        ):
            notices.warning(request, CHANGED_MEANWHILE)
            return redirect(f"{request.path}?{urlencode({'every': form['every'].value()})}")
        if request.method == "POST":
            return _saved(request, booking, form, now)
        given = form.cleaned_data
        context |= _preview(rules.planned(booking, given["every"], given["until"]), now)
    return form_page(request, "bookings/repeat.html", context, form)


def _saved(request: HttpRequest, booking: Booking, form: RepeatForm, now: datetime) -> HttpResponse:
    given = form.cleaned_data
    days = int(given.get("deposit_days", 0))
    try:
        series = rules.start_series(booking, given["every"], given["until"], now=now, deposit_days=days)
    except BookingNotChangeable as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    notices.success(request, f"It repeats {series.words}. Its visits are booked twelve weeks ahead.")
    return redirect("series", series.pk)


def _preview(series: Series, now: datetime) -> dict[str, Any]:
    """Without a last day: as far as they are made at once. Two queries at most."""
    today = in_zone(now, series.tradie.timezone).date()
    last = today + (SHOWN_AHEAD if series.until else AHEAD)
    dates = looked_at(series, dates_between(series, max(series.first_on + A_DAY, today), last), now)
    dates = [one for one in dates if one.starts_at > now]
    return {
        "series": series,
        "dates": dates,
        "clashes": [one for one in dates if one.is_clash],
        "without": months_without(series.rule, last),
    }


@for_members(May.BOOKINGS)
@require_safe
def all_series(request: HttpRequest, member: Membership) -> HttpResponse:
    now = timezone.now()
    context = {"tradie": member.tradie, "all_series": rules.running(member.tradie, now)[: rules.MOST_SHOWN]}
    return render(request, "bookings/all_series.html", context)


def own_series(member: Membership, series_id: UUID) -> Series:
    """One of the business's, or 404."""
    found: Series = get_object_or_404(
        member.tradie.series.select_related("tradie", "calendar", "like"), pk=series_id
    )
    return found


@for_members(May.BOOKINGS)
@require_safe
def series(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """What became of each date ahead, and what can be done about it."""
    series, now = own_series(member, series_id), timezone.now()
    visits = rules.visits_ahead(series, now)
    clashing = [visit.on for visit in visits if visit.is_clash]
    context = {
        "tradie": member.tradie,
        "series": series,
        "like": series.like,
        "visits": visits,
        "in_the_way": _by_day(looked_at(series, clashing, now)),
        "without": months_without(series.rule, in_zone(now, member.tradie.timezone).date() + AHEAD),
        "is_over": series.is_over(in_zone(now, member.tradie.timezone).date()),
        "crew": member.tradie.calendars.count() > 1,
    }
    return render(request, "bookings/series.html", context)


def _by_day(dates: list[Dated]) -> dict[date, Dated]:
    return {one.on: one for one in dates}


@for_members(May.BOOKINGS)
@require_POST
def skip(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """A date for which nothing is booked; a booking is cancelled on its own page."""
    series, form = own_series(member, series_id), DayForm(request.POST)
    if form.is_valid() and rules.skip(series, form.cleaned_data["day"]):
        notices.success(request, f"Skipped: {day_of(form.cleaned_data['day'])}.")
    return redirect("series", series.pk)


@for_members(May.BOOKINGS)
@require_POST
def again(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """A date that clashed or was skipped."""
    series, form = own_series(member, series_id), DayForm(request.POST)
    if form.is_valid():
        if rules.try_again(series, form.cleaned_data["day"], now=timezone.now()):
            notices.success(request, f"Booked: {day_of(form.cleaned_data['day'])}.")
        else:
            notices.warning(request, STILL_TAKEN)
    return redirect("series", series.pk)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def end(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """GET says what would be called off from that visit on; POST does it."""
    series, now = own_series(member, series_id), timezone.now()
    today = in_zone(now, member.tradie.timezone).date()
    form = DayForm(request.POST if request.method == "POST" else {"day": request.GET.get("day", today)})
    if request.method == "POST" and form.is_valid():
        count = end_series(series, max(today, form.cleaned_data["day"]), by=By.of(member), now=now)
        off = f" {count} visit{pluralize(count)} called off, and we're telling them." if count else ""
        notices.success(request, f"It doesn't repeat any more.{off}")
        return redirect("series", series.pk)
    day = form.cleaned_data["day"] if form.is_valid() else today
    context = {
        "tradie": member.tradie,
        "series": series,
        "like": series.like,
        "form": form,
        "day": day,
        "off": rules.booked_from(series, max(today, day), now),
    }
    return form_page(request, "bookings/series_end.html", context, form)


@for_members(May.BOOKINGS)
@require_safe
def file(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """The whole series as one entry that repeats, for a calendar."""
    series = own_series(member, series_id)
    answer = HttpResponse(
        series_file(series, now=timezone.now()), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="visits.ics"'
    return answer
