"""The calendar: a day with a column per person, a week, or a list of what is coming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Membership
from accounts.roles import May
from availability.models import Calendar
from bookings.diary_days import DiaryDay, diary_days
from bookings.job_lists import calendars_of
from peepopay.local_time import in_zone
from peepopay.methods import require_safe
from web.dashboard.access import for_members
from web.dashboard.calendar_forms import LookForm, Show
from web.dashboard.calendar_grid import Column, axis, column_of, hours_shown

LIST_DAYS = 14


@dataclass(frozen=True)
class Look:
    """What the page is asked to show. `whose`: None is everybody's."""

    show: Show
    day: date
    whose: Calendar | None

    @property
    def days(self) -> list[date]:
        first, count = self.day, 1
        if self.show == Show.WEEK:
            first, count = self.day - timedelta(days=self.day.weekday()), 7
        elif self.show == Show.LIST:
            count = LIST_DAYS
        return [first + timedelta(days=number) for number in range(count)]

    def address(self, **changes: Any) -> str:
        """The query of the same page with something else chosen."""
        chosen = {"show": self.show, "date": self.day, "calendar": self.whose.pk if self.whose else ""}
        return "?" + urlencode({key: value for key, value in {**chosen, **changes}.items() if value})


@for_members(May.JOBS)
@require_safe
def calendar(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, now = member.tradie, timezone.now()
    today = in_zone(now, tradie.timezone).date()
    show, day, calendar_id = LookForm(request.GET).wanted(today)
    everybody = list(calendars_of(member))
    look = Look(show, day, _named(everybody, calendar_id))
    days = diary_days(tradie, [look.whose] if look.whose else everybody, look.days)
    # Whoever has stopped is there as long as jobs are left.
    busy = {one.calendar for one in days if one.calendar.is_active or one.entries or look.whose}
    days = [one for one in days if one.calendar in busy]
    hours = hours_shown(days)
    crew = [one for one in everybody if one.is_active or one in busy]
    crew = crew if len(crew) > 1 else []
    columns = _columns(look, days, hours, now, tradie.timezone)
    context = {
        "tradie": tradie,
        "look": look,
        "today": today,
        "is_now": today in look.days,
        "columns": [(column, *_addresses(column, look, bool(crew))) for column in columns],
        "is_empty": not any(column.entries for column in columns),
        "hours": axis(hours),
        "first_hour": hours.start,
        "is_timed": look.show == Show.DAY or (look.show == Show.WEEK and len(busy) <= 1),
        "crew": crew,
        "whose": [(one, look.address(calendar=one.pk)) for one in crew],
        "now": now,
        "waiting": tradie.waiters.count() if tradie.has_waitlist and May.BOOKINGS in member.may else 0,
        **_links(look),
    }
    return render(request, "calendar/calendar.html", context)


def _named(everybody: Sequence[Calendar], calendar_id: UUID | None) -> Calendar | None:
    return next((calendar for calendar in everybody if calendar.pk == calendar_id), None)


def _columns(
    look: Look, days: Sequence[DiaryDay], hours: range, now: datetime, zone_name: str
) -> list[Column]:
    if look.show == Show.DAY:
        return [column_of([one], hours, now, zone_name) for one in days]
    by_day = groupby(days, key=lambda one: one.day)
    columns = [column_of(list(of_day), hours, now, zone_name) for _, of_day in by_day]
    if look.show == Show.WEEK:
        return columns
    return [column for column in columns if column.entries or column.notes or column.is_today]


def _addresses(column: Column, look: Look, is_crew: bool) -> tuple[str, str, list[tuple[str, str, str]]]:
    """Of the day alone, of blocking time on it, and of each free hour with its classes and its clock time."""
    named: dict[str, Any] = {"calendar": column.calendar.pk} if is_crew and column.calendar else {}
    block = reverse("time_off_add")
    cells = [
        (rows, clock, f"{block}?{urlencode({'start': f'{column.day}T{clock}', **named})}")
        for rows, clock in column.cells
    ]
    day = look.address(show=Show.DAY, date=column.day)
    return day, f"{block}?{urlencode({'start': column.day, **named})}", cells


def _links(look: Look) -> dict[str, Any]:
    """Where the page leads: earlier, later, today, other views, everybody, each day of the week."""
    step = timedelta(days={Show.DAY: 1, Show.WEEK: 7, Show.LIST: LIST_DAYS}[look.show])
    monday = look.day - timedelta(days=look.day.weekday())
    week = [monday + timedelta(days=number) for number in range(7)]
    return {
        "views": [(show, label, look.address(show=show)) for show, label in Show.choices],
        "earlier": look.address(date=look.day - step),
        "later": look.address(date=look.day + step),
        "to_today": look.address(date=None),
        "to_everybody": look.address(calendar=None),
        "week": [(day, look.address(show=Show.DAY, date=day)) for day in week],
    }
