"""When a tradie works: the week, special dates, booking rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability import hours as rules
from availability.models import Calendar, DateException, hours_text
from availability.wall_clock import Span
from peepopay.errors import ValidationFailed
from peepopay.forms import PART_MISSING, add_refusal
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.holidays import holidays_ahead
from web.dashboard.hours_forms import SUGGESTED_WEEK, BusinessRulesForm, CalendarRulesForm, DateForm, WeekForm
from web.dashboard.preview import preview_of
from web.dashboard.range_forms import BaseRanges, Ranges, ranges_of, rows_from
from web.dashboard.setting_up import on_to_the_next, progress
from web.dashboard.still_booked import out_of_hours
from web.dashboard.versions import CHANGED_ELSEWHERE, is_stale, one_at_a_time, version_of
from web.dashboard.whose import Whose, whose_in
from web.form_pages import form_page, posted

EDITS = {"add", "remove", "copy"}  # buttons that only change the page
MOST_DATES = 400
STILL_BOOKED = "Saved, but bookings are outside these hours. They stay booked until you cancel them."
REPLACED = "Saved. That date had hours of its own already: these are in their place now."
HOURS_WHILE_CLOSED = "You typed hours too. Choose “I work other hours”, or take the hours away."


@for_members(May.HOURS)
@SHOW_AND_SAVE
@one_at_a_time
def week(request: HttpRequest, member: Membership) -> HttpResponse:
    """`?outside`: also which bookings are outside these hours."""
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    saved = _saved_week(whose.calendar)
    shown = saved or _suggested_week(whose)
    form = WeekForm.of(
        {day: rows_from(spans) for day, spans in shown.items()}, version_of(sorted(saved.items()))
    )
    if request.method == "POST":
        form = WeekForm.posted(request.POST, saved, form.version)
        if not form.is_whole:
            return _part_missing(request, whose, "hours")
        if EDITS & request.POST.keys():
            form = form.after_the_press(request.POST)
        elif form.is_valid():
            rules.replace_week(whose.calendar, form.spans)
            return _week_saved(request, member, whose, is_first=not saved)
    context: dict[str, Any] = {"tradie": tradie, "whose": whose, "form": form, "is_suggestion": not saved}
    context["preview"] = preview_of(request, tradie, timezone.now())
    context["changed_elsewhere"] = CHANGED_ELSEWHERE
    if "outside" in request.GET and request.method != "POST":
        context["clashes"] = out_of_hours(whose.calendar)
    if not saved and May.SERVICES in member.may:
        context |= progress(member)
    return form_page(request, "availability/week.html", context, form)


def _week_saved(request: HttpRequest, member: Membership, whose: Whose, *, is_first: bool) -> HttpResponse:
    if out_of_hours(whose.calendar):
        notices.warning(request, STILL_BOOKED)
        return redirect(f"{reverse('hours')}?calendar={whose.calendar.pk}&outside=1")
    notices.success(
        request, whose.says("Your working hours are saved.", "Saved. These are the working hours of {name}.")
    )
    return on_to_the_next(member) if is_first and not whose.crew else whose.back_to("hours")


def _part_missing(request: HttpRequest, whose: Whose, *page: Any) -> HttpResponse:
    """Back to the page as it is stored."""
    notices.error(request, PART_MISSING)
    return whose.back_to(*page)


def _saved_week(calendar: Calendar) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for row in calendar.working_hours.all():
        found[row.weekday].append((row.opens_minute, row.closes_minute))
    return found


def _suggested_week(whose: Whose) -> dict[int, list[Span]]:
    """Of several, those of the first who has any: most work the same hours."""
    weeks = (_saved_week(calendar) for calendar in whose.crew[:1] if calendar != whose.calendar)
    return next(filter(None, weeks), SUGGESTED_WEEK)


@for_members(May.HOURS)
@require_safe
def dates(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    today = in_zone(timezone.now(), tradie.timezone).date()
    found: dict[date, list[DateException]] = defaultdict(list)
    for row in whose.calendar.date_exceptions.filter(date__gte=today)[:MOST_DATES]:
        found[row.date].append(row)
    special = {day: rows[0].opens_minute is not None for day, rows in found.items()}
    whose.calendar.tradie = tradie
    holidays = holidays_ahead(whose.calendar, special, today)
    context = {"dates": list(found.items()), "holidays": holidays}
    return render(request, "availability/dates.html", {"tradie": tradie, "whose": whose, **context})


@for_members(May.HOURS)
@SHOW_AND_SAVE
@one_at_a_time
def add_date(request: HttpRequest, member: Membership) -> HttpResponse:
    return _date_page(request, whose_in(request, member.tradie), {}, [])


@for_members(May.HOURS)
@SHOW_AND_SAVE
@one_at_a_time
def change_date(request: HttpRequest, member: Membership, day: date) -> HttpResponse:
    whose = whose_in(request, member.tradie)
    rows = list(whose.calendar.date_exceptions.filter(date=day))
    if not rows:
        raise Http404
    spans = [
        (row.opens_minute, row.closes_minute)
        for row in rows
        if row.opens_minute is not None and row.closes_minute is not None
    ]
    kind = DateForm.OPEN if spans else DateForm.CLOSED
    initial = {"date": day, "kind": kind, "reason": rows[0].reason}
    return _date_page(request, whose, initial, spans, replacing=day)


def _date_page(
    request: HttpRequest,
    whose: Whose,
    stored: dict[str, Any],
    spans: list[Span],
    replacing: date | None = None,
) -> HttpResponse:
    form, ranges = DateForm(initial=stored), ranges_of(rows_from(spans), "range", "Hours")
    version = version_of((stored, spans))
    if request.method == "POST":
        ranges = Ranges(request.POST, prefix="range", label="Hours")
        if not ranges.is_whole:
            page = ("date_change", replacing) if replacing else ("date_add",)
            return _part_missing(request, whose, *page)
        if EDITS & request.POST.keys():
            form = DateForm(initial={**request.POST.dict(), "kind": DateForm.OPEN})
            ranges = ranges_of(ranges.after_the_press(request.POST), "range", "Hours")
            version = request.POST.get("version", version)
        else:
            form = DateForm(request.POST, initial=stored)
            is_same = not form.has_changed() and ranges.is_valid() and ranges.spans == spans
            if replacing and is_stale(request.POST, version) and not is_same:
                form.add_error(None, CHANGED_ELSEWHERE)
                form.add_error("kind", f"Saved elsewhere: {_hours_text(spans)}")
            elif _save_date(whose.calendar, form, ranges, spans, replacing):
                return _date_saved(request, whose, form)
    context = {
        "tradie": whose.calendar.tradie,
        "form": form,
        "version": version,
        "ranges": ranges,
        "replacing": replacing,
        "clashes": out_of_hours(whose.calendar, replacing) if replacing else [],
    }
    return form_page(request, "availability/date.html", {"whose": whose, **context}, form)


def _date_saved(request: HttpRequest, whose: Whose, form: DateForm) -> HttpResponse:
    day = form.cleaned_data["date"]
    if out_of_hours(whose.calendar, day):
        notices.warning(request, STILL_BOOKED)
        return whose.back_to("date_change", day)
    notices.success(request, REPLACED if form.replaces else "Saved.")
    return whose.back_to("dates")


def _hours_text(spans: Sequence[Span]) -> str:
    return ", ".join(hours_text(*span) for span in spans) or "closed"


def _save_date(
    calendar: Calendar, form: DateForm, ranges: BaseRanges, stored: list[Span], replacing: date | None
) -> bool:
    """False: something typed can't be used."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    is_open = given["kind"] == DateForm.OPEN
    if is_open and (not ranges.is_valid() or not ranges.spans):
        form.add_error("kind", "Fill in the hours you work on that date.")
        return False
    # Hours that were there before say nothing: who closes the date sees them go.
    if not is_open and any(map(any, ranges.rows)) and ranges.rows != rows_from(stored):
        form.add_error("kind", HOURS_WHILE_CLOSED)
        return False
    form.replaces = (
        given["date"] != replacing and calendar.date_exceptions.filter(date=given["date"]).exists()
    )
    spans = ranges.spans if is_open else []
    try:
        rules.replace_date(calendar, given["date"], spans, reason=given["reason"], instead_of=replacing)
    except ValidationFailed as refusal:
        add_refusal(form, refusal)
    return form.is_valid()


@for_members(May.HOURS)
@require_POST
def clear_date(request: HttpRequest, member: Membership, day: date) -> HttpResponse:
    whose = whose_in(request, member.tradie)
    if not rules.clear_date(whose.calendar, day):
        raise Http404
    notices.success(
        request,
        whose.says(
            "Removed. Your usual hours apply again.", "Removed. The usual hours of {name} apply again."
        ),
    )
    return whose.back_to("dates")


@for_members(May.HOURS)
@SHOW_AND_SAVE
@one_at_a_time
def booking_rules(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    of_calendar = CalendarRulesForm(posted(request), instance=whose.calendar)
    of_business = BusinessRulesForm(posted(request), instance=tradie)
    valid = [of_calendar.is_valid(), of_business.is_valid()]  # both, so that all errors show at once
    if all(valid):
        rules.change_booking_rules(whose.calendar, tradie)
        notices.success(request, "Your booking rules are saved.")
        return whose.back_to("booking_rules")
    context = {"tradie": tradie, "whose": whose, "forms": [of_calendar, of_business]}
    return form_page(request, "availability/rules.html", context, of_calendar, of_business)
