"""Every change of a calendar's time off, and what of a calendar it falls on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from peepopay.errors import ValidationFailed
from peepopay.local_time import in_zone, zone

from .asked_twice import made_before
from .calendars import lock_calendar, mark_changed
from .models import Calendar, Repeats, TimeOff
from .recurrence import Block
from .wall_clock import Span, minute_from, minute_of

LONGEST = timedelta(days=366)
REPEATED_AFTER: dict[str, timedelta] = {
    Repeats.WEEKLY: timedelta(weeks=1),
    Repeats.FORTNIGHTLY: timedelta(weeks=2),
}


class Timed(Protocol):
    starts_at: datetime
    ends_at: datetime


Booked = TypeVar("Booked", bound=Timed)


def require_sensible(block: TimeOff, zone_name: str, *, now: datetime) -> None:
    """Raises ValidationFailed, with `ends_at` or `repeat_until`. A block that does not repeat ends without a word about
    that."""
    if block.repeats == Repeats.NEVER:
        block.repeat_until = None
    if block.starts_at >= block.ends_at:
        raise ValidationFailed(fields={"ends_at": ["It must end after it starts."]})
    if block.ends_at - block.starts_at > LONGEST:
        raise ValidationFailed(fields={"ends_at": ["At most a year at a time."]})
    if block.ends_at - block.starts_at > REPEATED_AFTER.get(block.repeats, LONGEST):
        raise ValidationFailed(
            fields={"ends_at": ["It would come again before it is over. Make it shorter."]}
        )
    if block.repeats == Repeats.NEVER and block.ends_at <= now:
        raise ValidationFailed(
            fields={"ends_at": ["This is over already. Choose a time that is still ahead."]}
        )
    if block.repeat_until and block.repeat_until < in_zone(block.starts_at, zone_name).date():
        raise ValidationFailed(fields={"repeat_until": ["This can't be before the first day."]})


@transaction.atomic
def save_time_off(calendar: Calendar, block: TimeOff, *, key: uuid.UUID | None = None) -> TimeOff:
    """Add a block, or change one. Bookings in it stay: see `falling_into`. `key`: whoever asks twice with one gets one
    block. Raises ValidationFailed; IdempotencyConflict for a key that made another."""
    require_sensible(block, calendar.tradie.timezone, now=timezone.now())
    lock_calendar(calendar.pk)
    block.calendar = calendar
    if made := made_before(TimeOff.objects.filter(calendar=calendar), calendar.tradie_id, block, key):
        return made
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


def still_ahead(blocks: QuerySet[TimeOff], now: datetime) -> QuerySet[TimeOff]:
    """Those that are not over yet, or repeat; by their start. None that a calendar kept elsewhere has."""
    still = Q(ends_at__gt=now) | ~Q(repeats=Repeats.NEVER)
    return blocks.filter(still, source=None).order_by("starts_at", "id")


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
