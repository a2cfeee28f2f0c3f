"""Which times of a service can be booked: the same answer for the list a customer sees and for the moment they book."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

from accounts.models import Tradie
from availability.listing import Asked, Listing, day_listing, month_listing
from availability.refusals import Reason, why_not
from availability.slots import Diary, Job, Period, free_starts
from availability.wall_clock import instant_of, minute_of
from peepopay.errors import NotFound, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, iso

from .slot_inputs import LONGEST_HORIZON, load, parameters

A_DAY = timedelta(days=1)
NEARBY = 14 * A_DAY  # how far back from a refused time others are looked for; forward it is the horizon

# Somebody came first: the customer did nothing wrong, and is offered other times.
TAKEN_MEANWHILE = {
    Reason.TAKEN: "That time has just been taken.",
    Reason.TIME_OFF: "That time isn't available any more.",
    Reason.DAY_FULL: "That day is fully booked.",
}
NEVER_OFFERED = {
    Reason.PAST: "That time has passed. Please choose a later one.",
    Reason.NOTICE: "That time is too soon for {business}. Please choose a later one.",
    Reason.HORIZON: "That's too far ahead. {business} takes bookings up to {days} days ahead.",
    Reason.DAY_OFF: "{business} isn't working that day. Please choose another.",
    Reason.OUTSIDE_HOURS: "That's outside the working hours of {business}. Please choose another time.",
    Reason.OFF_GRID: "That isn't one of the times on offer. Please choose one from the list.",
}


def list_times(
    slug: str,
    service_id: uuid.UUID | None,
    first: date,
    now: datetime,
    *,
    whole_month: bool = False,
    hold_hash: str = "",
) -> tuple[Listing, int]:
    """The free times of a date, or of the month that it begins, and the version of the calendar they come from.

    Without a service: the tradie's first active one. The booking whose token has the hash `hold_hash` does not count
    as taken, and for its own service the times are those of a job as it was agreed. One query.
    Raises NotFound (unknown or closed tradie), ValidationFailed (no such service on offer).
    """
    last = now.date() + LONGEST_HORIZON if whole_month else first
    inputs = load(parameters(slug, service_id, first, last, now, ignoring_token_hash=hold_hash))
    if inputs is None or not inputs.takes_bookings:
        raise NotFound("We couldn't find that business.")
    if service_id and not inputs.service_is_active:
        raise ValidationFailed(fields={"service": ["This service isn't on offer."]})
    asked = Asked(inputs.diary, inputs.job, inputs.timezone, inputs.service_id)
    listing = month_listing(asked, first, now) if whole_month else day_listing(asked, first, now)
    return listing, inputs.calendar_version


def require_open_slot(
    tradie: Tradie,
    job: Job,
    starts_at: datetime,
    now: datetime,
    *,
    ignoring: uuid.UUID | None = None,
) -> Period:
    """The time of the job, if it can be booked; `ignoring` is a booking that does not count as taken.

    Call it while holding the tradie's calendar. Raises SlotUnavailable with the three nearest free times where
    somebody came first, ValidationFailed where the time was never on offer.
    """
    reason, diary = _why_not(tradie, job, starts_at, now, ignoring)
    if reason is None:
        return Period(starts_at.astimezone(UTC), starts_at.astimezone(UTC) + timedelta(minutes=job.length))
    if reason in TAKEN_MEANWHILE:
        others = nearest_open(tradie, job, starts_at, now, ignoring=ignoring, around=diary)
        raise SlotUnavailable(TAKEN_MEANWHILE[reason], alternatives=others)
    sentence = NEVER_OFFERED[reason].format(business=tradie.business_name, days=tradie.horizon_days)
    raise ValidationFailed(sentence, fields={"start": [sentence]})


def _why_not(
    tradie: Tradie, job: Job, starts_at: datetime, now: datetime, ignoring: uuid.UUID | None
) -> tuple[Reason | None, Diary | None]:
    # Before any arithmetic with a date that a client sent.
    if starts_at < now:
        return Reason.PAST, None
    if starts_at > now + (tradie.horizon_days + 1) * A_DAY:
        return Reason.HORIZON, None
    day = in_zone(starts_at, tradie.timezone).date()
    diary = _diary(tradie, day - A_DAY, day + A_DAY, now, ignoring)
    return why_not(diary, job, starts_at, now), diary


def nearest_open(
    tradie: Tradie,
    job: Job,
    starts_at: datetime,
    now: datetime,
    *,
    ignoring: uuid.UUID | None = None,
    around: Diary | None = None,
) -> list[dict[str, str]]:
    """The three free times nearest to one that is not, in order: [{"start": ISO, "end": ISO}].

    `around` is the diary of the day before to the day after, where the caller has it: mostly that is enough.
    """
    day = in_zone(starts_at, tradie.timezone).date()
    if around:
        near = _nearest(free_starts(around, job, day - A_DAY, day + A_DAY, now), starts_at)
        # Nearer than any time that the diary does not cover.
        if len(near) == 3 and all(abs(instant_of(start) - starts_at) < A_DAY for start in near):
            return _as_slots(near, job, tradie.timezone)
    first, last = day - NEARBY, in_zone(now, tradie.timezone).date() + tradie.horizon_days * A_DAY
    diary = _diary(tradie, first, last, now, ignoring)
    return _as_slots(_nearest(free_starts(diary, job, first, last, now), starts_at), job, tradie.timezone)


def _nearest(starts: list[int], wanted: datetime) -> list[int]:
    return sorted(sorted(starts, key=lambda start: abs(start - minute_of(wanted)))[:3])


def _as_slots(starts: list[int], job: Job, timezone: str) -> list[dict[str, str]]:
    return [
        {"start": iso(instant_of(start), timezone), "end": iso(instant_of(start + job.length), timezone)}
        for start in starts
    ]


def _diary(tradie: Tradie, first: date, last: date, now: datetime, ignoring: uuid.UUID | None) -> Diary:
    inputs = load(parameters(tradie.slug, None, first, last, now, ignoring=ignoring))
    if inputs is None:
        raise NotFound
    return inputs.diary
