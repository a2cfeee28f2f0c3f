"""A series whose next visits are booked already, brought along from another program: it goes on from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from accounts.audit_models import Change
from accounts.models import Tradie

from .models import Booking, Series, Visit
from .series import note, usual_deposit_cents
from .series_dates import dates_between
from .series_models import State
from .series_rule import Rule


def take_up(
    tradie: Tradie,
    rule: Rule,
    jobs: Mapping[date, Booking],
    *,
    new: Collection[Booking],
    taken: Collection[date],
    last: date,
    left_out: Collection[date] = (),
    deposit_days: int = 0,
    now: datetime,
) -> Series | None:
    """In the caller's transaction, who holds the calendars. `jobs`: by the date of the rule that each is of, `new`
    being those made just now; `taken`: dates at which something is in the way; the other dates up to `last` are left
    out, as are those of `left_out`. `deposit_days`: so long before each visit the deposit of its service is asked for;
    0: never. None where nothing is new."""
    if not new:
        return None
    known = Visit.objects.filter(booking__in=jobs.values()).select_related("series__tradie").first()
    series = known.series if known else _made(tradie, rule, jobs, deposit_days, now)
    there = set(series.visits.values_list("on", flat=True))
    days = {*dates_between(series, rule.first, last), *left_out} - there
    Visit.objects.bulk_create(_visit(series, day, jobs.get(day), day in taken) for day in sorted(days))
    Series.objects.filter(pk=series.pk, made_until__lt=last).update(made_until=last)
    return series


def _made(
    tradie: Tradie, rule: Rule, jobs: Mapping[date, Booking], deposit_days: int, now: datetime
) -> Series:
    like = jobs[max(jobs)]
    series = Series.objects.create(
        tradie=tradie,
        calendar_id=like.calendar_id,
        like=like,
        every=rule.every,
        first_on=rule.first,
        at=rule.at,
        until=rule.until,
        made_until=rule.first,
        deposit_cents=usual_deposit_cents(like) if deposit_days else 0,
        deposit_days=deposit_days,
        created_at=now,
    )
    note(series, Change.SERIES_STARTED, series.in_full)
    return series


def _visit(series: Series, day: date, booking: Booking | None, is_taken: bool) -> Visit:
    without = State.TAKEN if is_taken else State.SKIPPED
    return Visit(series=series, on=day, state=State.BOOKED if booking else without, booking=booking)
