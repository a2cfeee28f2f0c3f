"""A customer chooses among free times: which month to show of those that a wish could be met in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from availability.listing import last_of_month
from bookings.open_slots import OpenTimes, Wish, open_times_and_near
from peepopay.local_time import in_zone
from web.customer.month import Month, month_of


def choice_of_times(
    asked_for: Mapping[str, str], wish: Wish, now: datetime, *, near: datetime, but: datetime | None = None
) -> dict[str, Any]:
    """For `bookings/_month.html`: the month that the address asks for (`day`, `month`), or that of `near`, or else the
    first with a free time. `but`: a time that is no choice, being the one they have."""
    tradie = wish.tradie
    today = in_zone(now, tradie.timezone).date()
    last_day = today + timedelta(days=tradie.horizon_days)

    def free(first: date, last: date) -> OpenTimes:
        found = open_times_and_near(wish, first, last, now)
        return found._replace(times=[time for time in found.times if time != but])

    def month_at(first: date) -> Month:
        times, near = free(first, last_of_month(first))
        return month_of(first, times, tradie.timezone, today=today, last_day=last_day, near=near)

    day = date_in(asked_for.get("day", ""))
    asked = day or date_in(f"{asked_for.get('month', '')}-01")
    month = month_at(_within(asked or in_zone(near, tradie.timezone).date(), today, last_day))
    first_free = None
    if not month.has_times:
        first_free = next(
            (in_zone(time, tradie.timezone).date() for time in free(today, last_day).times), None
        )
        if first_free and not asked:
            month = month_at(first_free.replace(day=1))
    return {"month": month, "day": month.day(day), "first_free": first_free, "asked": asked}


def _within(day: date, first: date, last: date) -> date:
    """The first of its month, kept to the months in which something can be free."""
    return min(max(day, first), last).replace(day=1)


def date_in(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # the 31st of February
        return None


def instant_in(text: str) -> datetime | None:
    """With its offset from UTC, or it is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
