"""This visit and all later ones at another day and time: the series goes on as a new one, and what came before stays.

A visit that somebody moved or cancelled by itself is left as it is; one whose new time is taken stays where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from django.db import transaction

from accounts.audit_models import Change
from availability.calendars import lock_calendars
from peepopay.errors import ValidationFailed
from peepopay.local_time import day_of

from .actors import By
from .day_move_models import Answer
from .models import Booking, Series, Status, Visit
from .moving import shift
from .open_slots import OpenSlot
from .series import make_out, make_visit, note, tell_of
from .series_dates import A_DAY, Dated, dates_between, looked_at
from .series_models import State

NOT_ONE_OF_THEM = "Choose one of the visits ahead."
TOO_SOON = "That time has passed. Choose a later one."


@dataclass(frozen=True, slots=True)
class Step:
    """A visit and its new date. `booking`: what moves there, if anything does."""

    visit: Visit
    to: Dated
    booking: Booking | None


def moved(series: Series, from_day: date, new_day: date, at: time, *, now: datetime) -> Series:
    """What it would be from that visit on, as long as it would have gone on; nothing is stored. Raises
    ValidationFailed."""
    if not dates_between(series, from_day, from_day):
        raise ValidationFailed(fields={"from_day": [NOT_ONE_OF_THEM]})
    new = Series(
        tradie=series.tradie,
        calendar_id=series.calendar_id,
        like=series.like,
        every=series.every,
        first_on=new_day,
        at=at,
        made_until=new_day - A_DAY,
        deposit_cents=series.deposit_cents,
        deposit_days=series.deposit_days,
        created_at=series.created_at,
    )
    if new.rule.starts(new_day) <= now:
        raise ValidationFailed(fields={"new_day": [TOO_SOON]})
    if series.until:
        new.until = new.rule.nth(len(dates_between(series, from_day, series.until)))
    return new


def steps(series: Series, new: Series, from_day: date, *, now: datetime) -> list[Step]:
    """What becomes of each visit that is made. As those that move leave their times, it is asked until nothing changes
    which of them can."""
    visits = list(series.visits.filter(on__gte=from_day).select_related("booking__calendar").order_by("on"))
    old_dates = dates_between(series, from_day, visits[-1].on) if visits else []
    new_dates = dict(zip(old_dates, islice(new.rule.dates(), len(old_dates)), strict=False))
    pairs = [(visit, new_dates[visit.on]) for visit in visits if visit.on in new_dates]
    going = {visit.pk: visit.booking for visit, _ in pairs if _goes(series, visit, now)}
    while True:
        leaving = [booking for booking in going.values() if booking]
        found = looked_at(new, [day for _, day in pairs], now, ignoring=leaving)
        stay = [
            visit.pk
            for (visit, _), to in zip(pairs, found, strict=True)
            if visit.pk in going and (to.is_clash or to.starts_at <= now)
        ]
        if not stay:
            return [Step(visit, to, going.get(visit.pk)) for (visit, _), to in zip(pairs, found, strict=True)]
        for key in stay:
            del going[key]


def _goes(series: Series, visit: Visit, now: datetime) -> bool:
    booking = visit.booking
    return (
        booking is not None
        and booking.status == Status.CONFIRMED
        and booking.starts_at == series.rule.starts(visit.on)
        and booking.starts_at > now
    )


def move_from(
    series: Series, from_day: date, new_day: date, at: time, *, by: By, now: datetime
) -> tuple[Series, int]:
    """Move that visit and all later ones; returns the series they are of from now on, and how many visits stay at their
    old times. Its customer is told once. Raises ValidationFailed."""
    with transaction.atomic():
        lock_calendars(series.tradie_id)
        series = Series.objects.select_related("tradie", "like__service").get(pk=series.pk)
        new = moved(series, from_day, new_day, at, now=now)
        new.save(force_insert=True)
        plan = steps(series, new, from_day, now=now)
        note(series, Change.SERIES_MOVED, f"from {day_of(from_day)} on: {series.in_full}, to {new.in_full}")
        left = _carry_out(plan, new, by, now)
        _cut(series, from_day)
    make_out(new, now=now)
    tell_of(new, now=now)
    return new, left


def _carry_out(plan: Sequence[Step], new: Series, by: By, now: datetime) -> int:
    """Later first where they go to later times, so that none meets the one before it. Clashes are looked at anew."""
    later = bool(plan) and plan[0].to.on > plan[0].visit.on
    for step in sorted(plan, key=lambda step: step.visit.on, reverse=later):
        if step.booking:
            _move(step, by, now)
    again = [step.to.on for step in plan if step.visit.is_clash]
    for step in plan:
        if step.visit.is_clash:
            step.visit.delete()
        else:
            Visit.objects.filter(pk=step.visit.pk).update(series=new, on=step.to.on)
    for day in again:
        make_visit(new, day, now)
    if plan:
        new.made_until = plan[-1].to.on
        Series.objects.filter(pk=new.pk).update(made_until=new.made_until)
    return sum(step.visit.state == State.BOOKED and step.booking is None for step in plan)


def _move(step: Step, by: By, now: datetime) -> None:
    booking, starts = step.booking, step.to.starts_at
    assert booking is not None
    fresh = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
    ends = starts + timedelta(minutes=fresh.duration_minutes)
    shift(fresh, OpenSlot(starts, ends, fresh.calendar_id), Answer.MOVED, by=by, now=now, quietly=True)


def _cut(series: Series, from_day: date) -> None:
    """It ends before that day; one of which nothing is left goes."""
    if series.visits.exists():
        Series.objects.filter(pk=series.pk).update(until=max(series.first_on, from_day - A_DAY))
    else:
        series.delete()
