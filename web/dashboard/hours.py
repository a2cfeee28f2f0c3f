"""When a tradie works: the week, special dates, booking rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability import hours as rules
from availability.models import Calendar, DateException
from availability.wall_clock import Span
from peepopay.forms import PART_MISSING
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.holidays import holidays_ahead
from web.dashboard.hours_forms import SUGGESTED_WEEK, BusinessRulesForm, CalendarRulesForm, DateForm, WeekForm
from web.dashboard.preview import preview_of
from web.dashboard.range_forms import BaseRanges, Ranges, ranges_of, rows_from
from web.dashboard.setting_up import on_to_the_next, progress
from web.dashboard.whose import Whose, whose_in

EDITS = {"add", "remove", "copy"}  # buttons that only change the page
MOST_DATES = 400


@for_members(May.HOURS)
@SHOW_AND_SAVE
def week(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    saved = _saved_week(whose.calendar)
    shown = saved or _suggested_week(whose)
    form = WeekForm.of({day: rows_from(spans) for day, spans in shown.items()})
    if request.method == "POST":
        form = WeekForm.posted(request.POST)
        if not form.is_whole:
            return _part_missing(request, whose, "hours")
        if EDITS & request.POST.keys():
            form = form.after_the_press(request.POST)
        elif form.is_valid():
            rules.replace_week(whose.calendar, form.spans)
            notices.success(
                request,
                whose.says("Your working hours are saved.", "Saved. These are the working hours of {name}."),
            )
            return whose.back_to("hours") if saved or whose.crew else on_to_the_next(member)
    context: dict[str, Any] = {"tradie": tradie, "whose": whose, "form": form, "is_suggestion": not saved}
    context["preview"] = preview_of(request, tradie, timezone.now())
    if not saved and May.SERVICES in member.may:
        context |= progress(member)
    return render(request, "availability/week.html", context)


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
def add_date(request: HttpRequest, member: Membership) -> HttpResponse:
    return _date_page(request, whose_in(request, member.tradie), DateForm(), [])


@for_members(May.HOURS)
@SHOW_AND_SAVE
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
    form = DateForm(initial={"date": day, "kind": kind, "reason": rows[0].reason})
    return _date_page(request, whose, form, spans, replacing=day)


def _date_page(
    request: HttpRequest, whose: Whose, form: DateForm, spans: list[Span], replacing: date | None = None
) -> HttpResponse:
    ranges = ranges_of(rows_from(spans), "range", "Hours")
    if request.method == "POST":
        ranges = Ranges(request.POST, prefix="range", label="Hours")
        if not ranges.is_whole:
            page = ("date_change", replacing) if replacing else ("date_add",)
            return _part_missing(request, whose, *page)
        if EDITS & request.POST.keys():
            form = DateForm(initial={**request.POST.dict(), "kind": DateForm.OPEN})
            ranges = ranges_of(ranges.after_the_press(request.POST), "range", "Hours")
        else:
            form = DateForm(request.POST)
            if _save_date(whose.calendar, form, ranges, replacing):
                notices.success(request, "Saved.")
                return whose.back_to("dates")
    context = {"tradie": whose.calendar.tradie, "form": form, "ranges": ranges, "replacing": replacing}
    return render(request, "availability/date.html", {"whose": whose, **context})


def _save_date(calendar: Calendar, form: DateForm, ranges: BaseRanges, replacing: date | None) -> bool:
    """False: something typed can't be used."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    is_open = given["kind"] == DateForm.OPEN
    if is_open and (not ranges.is_valid() or not ranges.spans):
        form.add_error("kind", "Fill in the hours you work on that date.")
        return False
    rules.replace_date(
        calendar, given["date"], ranges.spans if is_open else [], reason=given["reason"], instead_of=replacing
    )
    return True


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
def booking_rules(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, whose = member.tradie, whose_in(request, member.tradie)
    of_calendar = CalendarRulesForm(request.POST or None, instance=whose.calendar)
    of_business = BusinessRulesForm(request.POST or None, instance=tradie)
    valid = [of_calendar.is_valid(), of_business.is_valid()]  # both, so that all errors show at once
    if all(valid):
        rules.change_booking_rules(whose.calendar, tradie)
        notices.success(request, "Your booking rules are saved.")
        return whose.back_to("booking_rules")
    context = {"tradie": tradie, "whose": whose, "forms": [of_calendar, of_business]}
    return render(request, "availability/rules.html", context)
