"""Public holidays: which are worked, each by its own switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse

from accounts.models import Membership
from accounts.roles import May
from availability import hours as rules
from availability.models import Calendar
from availability.public_holidays import public_holidays
from peepopay.local_time import day_of
from peepopay.methods import require_POST
from web.dashboard.access import for_members
from web.dashboard.whose import whose_in

SHOWN = timedelta(days=366)


@dataclass(frozen=True)
class Holiday:
    """`is_workday`: its weekday has hours, so that there is something to switch."""

    day: date
    name: str
    is_workday: bool
    works: bool


def holidays_ahead(calendar: Calendar, special: Mapping[date, bool], today: date) -> list[Holiday]:
    """Those of a year from today. `special`: dates with hours of their own, and whether they have any. One query."""
    tradie = calendar.tradie
    weekdays = set(calendar.working_hours.values_list("weekday", flat=True))
    coming = [
        (day, name)
        for year in (today.year, today.year + 1)
        for day, name in sorted(public_holidays(tradie.state, year).items())
        if today <= day < today + SHOWN
    ]
    return [
        Holiday(
            day,
            name,
            day.weekday() in weekdays,
            special.get(day, day.weekday() in weekdays and not tradie.closed_on_public_holidays),
        )
        for day, name in coming
    ]


@for_members(May.HOURS)
@require_POST
def holiday(request: HttpRequest, member: Membership, day: date) -> HttpResponse:
    """`works`: 1 or 0."""
    whose, tradie = whose_in(request, member.tradie), member.tradie
    name = public_holidays(tradie.state, day.year).get(day)
    works = {"1": True, "0": False}.get(request.POST.get("works", ""))
    if name is None or works is None:
        notices.warning(request, f"{day_of(day)} is no public holiday in {tradie.get_state_display()}.")
        return whose.back_to("dates")
    whose.calendar.tradie = tradie
    rules.work_on_holiday(whose.calendar, day, name=name, works=works)
    said = "worked, with the hours of its weekday" if works else "off"
    notices.success(request, f"Saved. {name}, {day_of(day)}, is {said}.")
    return whose.back_to("dates")
