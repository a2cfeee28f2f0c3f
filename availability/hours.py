"""Every change of when a tradie works. Ranges are minutes since local midnight, half-open, up to 1440."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from accounts.models import Tradie

from .calendar import lock_calendar, touch_calendar
from .models import DateException, WorkingHours
from .openings import tidy
from .wall_clock import Span

BOOKING_RULES = (
    "slot_step_minutes",
    "minimum_notice_minutes",
    "horizon_days",
    "max_bookings_per_day",
    "closed_on_public_holidays",
)


@transaction.atomic
def replace_week(tradie: Tradie, week: Mapping[int, Sequence[Span]]) -> None:
    """These hours and no others; 0 is Monday. Ranges that touch or overlap become one."""
    lock_calendar(tradie.pk)
    tradie.working_hours.all().delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(tradie=tradie, weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekday, ranges in week.items()
        for opens, closes in tidy(list(ranges))
    )
    touch_calendar(tradie.pk)


@transaction.atomic
def replace_date(
    tradie: Tradie, day: date, ranges: Sequence[Span], *, reason: str = "", instead_of: date | None = None
) -> None:
    """Other hours than usual on a date; no ranges at all is closed. `instead_of`: its date until now."""
    lock_calendar(tradie.pk)
    tradie.date_exceptions.filter(date__in=[day, instead_of or day]).delete()
    spans: list[tuple[int | None, int | None]] = [*tidy(list(ranges))] or [(None, None)]
    DateException.objects.bulk_create(
        DateException(tradie=tradie, date=day, opens_minute=opens, closes_minute=closes, reason=reason)
        for opens, closes in spans
    )
    touch_calendar(tradie.pk)


@transaction.atomic
def clear_date(tradie: Tradie, day: date) -> bool:
    """The usual hours again. False: the date had no others."""
    lock_calendar(tradie.pk)
    deleted, _ = tradie.date_exceptions.filter(date=day).delete()
    touch_calendar(tradie.pk)
    return bool(deleted)


@transaction.atomic
def change_booking_rules(tradie: Tradie) -> None:
    """Save the validated step, notice, horizon, daily cap and holidays of a tradie."""
    lock_calendar(tradie.pk)
    tradie.save(update_fields=BOOKING_RULES)
    touch_calendar(tradie.pk)
