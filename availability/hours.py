"""Every change of when a calendar is worked. Ranges are minutes since local midnight, half-open, up to 1440."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from peepopay.errors import ValidationFailed
from peepopay.local_time import is_on_the_clock
from peepopay.row_checks import require_sound_row

from .calendars import lock_calendar, mark_changed
from .models import MINUTES_IN_A_DAY, Calendar, DateException, WorkingHours
from .openings import tidy
from .wall_clock import Span

CALENDAR_RULES = ("slot_step_minutes", "minimum_notice_minutes", "max_bookings_per_day")
MOST_RANGES = 6  # of a day
TOO_MANY = f"A day has at most {MOST_RANGES} ranges of hours."
BUSINESS_RULES = ("horizon_days", "closed_on_public_holidays")


@transaction.atomic
def replace_week(calendar: Calendar, week: Mapping[int, Sequence[Span]]) -> None:
    """These hours and no others; 0 is Monday. Ranges that touch or overlap become one."""
    lock_calendar(calendar.pk)
    before = set(calendar.working_hours.values_list("weekday", "opens_minute", "closes_minute"))
    after = {(weekday, *span) for weekday, ranges in week.items() for span in tidy(list(ranges))}
    if after == before:
        return
    calendar.working_hours.all().delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=calendar, weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekday, opens, closes in sorted(after)
    )
    audit.note(calendar.tradie_id, Change.HOURS_CHANGED, about=calendar.name)
    mark_changed(calendar.tradie_id)


@transaction.atomic
def save_range(row: WorkingHours) -> WorkingHours:
    """Add a range to a weekday, or change one. A new one that is there already is that one. Raises ValidationFailed."""
    calendar, is_new = row.calendar, row._state.adding
    lock_calendar(calendar.pk)
    others = calendar.working_hours.filter(weekday=row.weekday).exclude(pk=row.pk)
    same = others.filter(opens_minute=row.opens_minute, closes_minute=row.closes_minute)
    if is_new and (there := same.first()):
        return there
    if others.count() >= MOST_RANGES:
        raise ValidationFailed(fields={"weekday": [TOO_MANY]})
    require_sound_row(row)
    row.save()
    audit.note(calendar.tradie_id, Change.HOURS_CHANGED, about=calendar.name)
    mark_changed(calendar.tradie_id)
    return row


@transaction.atomic
def remove_range(row: WorkingHours) -> None:
    """Off work then, from now on. What is booked stays."""
    lock_calendar(row.calendar_id)
    row.delete()
    audit.note(row.calendar.tradie_id, Change.HOURS_CHANGED, about=row.calendar.name)
    mark_changed(row.calendar.tradie_id)


SKIPPED = "The clocks go forward that night and skip a time that you wrote. Choose another."


@transaction.atomic
def replace_date(
    calendar: Calendar, day: date, ranges: Sequence[Span], *, reason: str = "", instead_of: date | None = None
) -> None:
    """Other hours than usual on a date; no ranges at all is closed. `instead_of`: its date until now. Raises
    ValidationFailed where they begin or end at a time that the clocks skip then."""
    if any(_is_skipped(day, span, calendar.tradie.timezone) for span in ranges):
        raise ValidationFailed(SKIPPED, fields={"date": [SKIPPED]})
    lock_calendar(calendar.pk)
    spans: list[tuple[int | None, int | None]] = [*tidy(list(ranges))] or [(None, None)]
    rows = calendar.date_exceptions.filter(date__in=[day, instead_of or day])
    before = set(rows.values_list("date", "opens_minute", "closes_minute", "reason"))
    if before == {(day, opens, closes, reason) for opens, closes in spans}:
        return
    rows.delete()
    DateException.objects.bulk_create(
        DateException(calendar=calendar, date=day, opens_minute=opens, closes_minute=closes, reason=reason)
        for opens, closes in spans
    )
    audit.note(calendar.tradie_id, Change.HOURS_CHANGED, about=calendar.name, detail=f"{day:%d/%m/%Y}")
    mark_changed(calendar.tradie_id)


def _is_skipped(day: date, span: Span, zone_name: str) -> bool:
    """Whether it begins or ends at a time that the clocks never show on that day."""
    opens, last, closes = (
        is_on_the_clock(day, time(*divmod(minute % MINUTES_IN_A_DAY, 60)), zone_name)
        for minute in (span[0], span[1] - 1, span[1])
    )
    return not (opens and (last or closes))


@transaction.atomic
def clear_date(calendar: Calendar, day: date) -> bool:
    """The usual hours again. False: the date had no others."""
    lock_calendar(calendar.pk)
    deleted, _ = calendar.date_exceptions.filter(date=day).delete()
    if not deleted:
        return False
    audit.note(calendar.tradie_id, Change.HOURS_CHANGED, about=calendar.name, detail=f"{day:%d/%m/%Y}")
    mark_changed(calendar.tradie_id)
    return True


@transaction.atomic
def work_on_holiday(calendar: Calendar, day: date, *, name: str, works: bool) -> None:
    """Whether a public holiday is worked, whatever holds for the others: with the hours that its weekday has now.
    Where that is as for the others, the date is no special one."""
    if works != calendar.tradie.closed_on_public_holidays:
        clear_date(calendar, day)
        return
    hours = calendar.working_hours.filter(weekday=day.weekday()) if works else calendar.working_hours.none()
    replace_date(calendar, day, list(hours.values_list("opens_minute", "closes_minute")), reason=name)


@transaction.atomic
def change_booking_rules(calendar: Calendar, tradie: Tradie) -> None:
    """Save the validated step, notice and daily cap of a calendar, and the horizon and holidays of its business."""
    lock_calendar(calendar.pk)
    said = [
        audit.difference(Calendar.objects.get(pk=calendar.pk), calendar, CALENDAR_RULES),
        audit.difference(Tradie.objects.get(pk=tradie.pk), tradie, BUSINESS_RULES),
    ]
    if not any(said):
        return
    calendar.save(update_fields=CALENDAR_RULES)
    tradie.save(update_fields=BUSINESS_RULES)
    audit.note(tradie.pk, Change.RULES_CHANGED, about=calendar.name, detail="; ".join(filter(None, said)))
    mark_changed(tradie.pk)
