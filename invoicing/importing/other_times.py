"""Entries of a calendar that are no jobs, or lack what a job needs: their time is kept as time off, so that nobody
books into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.models import Tradie
from availability.models import Calendar, Repeats, TimeOff
from availability.time_off import ends_by, save_time_off, starts_from
from peepopay.as_typed import day_in
from peepopay.errors import ValidationFailed
from peepopay.local_time import day_of, moment
from peepopay.sheets import Outcome, Row, What

from .job_rows import end_of, require_ahead, start_of
from .repeats import Repeat

LONGEST_REASON = 120
SAYS = "Time off from {start} to {end}, as a job it isn't: {why}"
ENDS = (
    " It repeats, and times after {last} aren't kept: connect that calendar under Calendar to keep those too."
)


def keep_times(
    tradie: Tradie, rows: Sequence[Row], outcomes: Sequence[Outcome], *, now: datetime
) -> list[Outcome]:
    """Of what was refused, where it has a start, an end and somebody whose time it is."""
    calendars = list(tradie.calendars.filter(is_active=True))
    blocks = TimeOff.objects.filter(calendar__tradie=tradie, repeats=Repeats.NEVER)
    there = set(blocks.values_list("calendar", "starts_at", "ends_at"))
    return [
        _kept(tradie, row, outcome, calendars, there, now) if outcome.what == What.REFUSED else outcome
        for row, outcome in zip(rows, outcomes, strict=True)
    ]


def _kept(
    tradie: Tradie,
    row: Row,
    outcome: Outcome,
    calendars: Sequence[Calendar],
    there: set[tuple[UUID, datetime, datetime]],
    now: datetime,
) -> Outcome:
    named = [one for one in calendars if one.name.casefold() == row.get("calendar").casefold()]
    calendar = named[0] if named else calendars[0] if len(calendars) == 1 else None
    try:
        starts_at, ends_at = _span(row, tradie, now)
        if calendar is None:
            return outcome
        name = f"{row.get('service') or outcome.name}"[:LONGEST_REASON]
        if (calendar.pk, starts_at, ends_at) in there:
            return replace(outcome, what=What.SAME, says="Its time is kept already.")
        calendar.tradie = tradie
        save_time_off(calendar, TimeOff(starts_at=starts_at, ends_at=ends_at, reason=name))
    except (ValueError, ValidationFailed):
        return outcome
    there.add((calendar.pk, starts_at, ends_at))
    zone = tradie.timezone
    says = SAYS.format(start=moment(starts_at, zone), end=moment(ends_at, zone), why=outcome.says)
    if repeat := Repeat.read(row.get("repeats")):
        says += ENDS.format(last=day_of(date.fromisoformat(repeat.last)))
    return replace(outcome, what=What.NEW, says=says)


def _span(row: Row, tradie: Tradie, now: datetime) -> tuple[datetime, datetime]:
    """In UTC; of whole days, whose last one is not among them (RFC 5545), too. Raises ValueError."""
    if len(row.get("start")) == 10:
        first = day_in(row.get("start"))
        last = day_in(row.get("end")) - timedelta(days=1) if row.get("end") else first
        starts_at = starts_from(first, None, tradie.timezone)
        ends_at = ends_by(max(first, last), None, tradie.timezone)
    else:
        starts_at = start_of(row, tradie)
        ends_at = end_of(row, tradie)
    require_ahead(row, max(starts_at, now) if ends_at > now else starts_at, now)
    return starts_at, ends_at
