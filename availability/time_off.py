"""Every change of a calendar's time off, and what of a calendar it falls on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from peepopay.local_time import zone

from .calendars import lock_calendar, mark_changed
from .models import Calendar, TimeOff
from .recurrence import Block
from .wall_clock import Span, minute_from, minute_of


class Timed(Protocol):
    starts_at: datetime
    ends_at: datetime


Booked = TypeVar("Booked", bound=Timed)


@transaction.atomic
def save_time_off(calendar: Calendar, block: TimeOff) -> TimeOff:
    """Add a validated block, or change one. Bookings in it stay: see `falling_into`."""
    lock_calendar(calendar.pk)
    block.calendar = calendar
    before = TimeOff.objects.filter(pk=block.pk).first()
    if before and not audit.difference(
        before, block, [field.name for field in TimeOff._meta.concrete_fields]
    ):
        return block
    block.save()
    audit.note(calendar.tradie_id, Change.TIME_OFF_CHANGED, about=calendar.name)
    mark_changed(calendar.tradie_id)
    return block


@transaction.atomic
def remove_time_off(block: TimeOff) -> None:
    lock_calendar(block.calendar_id)
    block.delete()
    audit.note(block.calendar.tradie_id, Change.TIME_OFF_CHANGED, about=block.calendar.name)
    mark_changed(block.calendar.tradie_id)


def starts_from(day: date, at: time | None, zone_name: str) -> datetime:
    """When a block begins, as an instant. Without a time: with the day. Of two equal clock times: the earlier."""
    return datetime.combine(day, at or time(), tzinfo=zone(zone_name)).astimezone(UTC)


def ends_by(day: date, at: time | None, zone_name: str) -> datetime:
    """When it is over. Without a time: with the day. Of two equal clock times: the later."""
    if at is None:
        return starts_from(day + timedelta(days=1), None, zone_name)
    return datetime.combine(day, at, tzinfo=zone(zone_name)).replace(fold=1).astimezone(UTC)


def falling_into(block: TimeOff, jobs: Iterable[Booked], zone_name: str) -> list[Booked]:
    """The jobs that overlap the block or one of its repeats, in their order."""
    found = list(jobs)
    if not found:
        return []
    spans = [(minute_of(job.starts_at), minute_from(job.ends_at)) for job in found]
    within = min(starts for starts, _ in spans), max(ends for _, ends in spans)
    repeated = Block(block.starts_at, block.ends_at, block.repeats, block.repeat_until)
    off = list(repeated.spans(zone(zone_name), within))
    return [
        job for job, span in zip(found, spans, strict=True) if any(_overlap(span, other) for other in off)
    ]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
