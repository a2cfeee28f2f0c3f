"""Jobs to come that a business brings along: each by the rules of a booking made by hand, for itself. Nobody is written
to about them, and no money comes with them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.models import Service, Tradie
from availability.imported_services import questions_in
from bookings.actors import By
from bookings.by_hand import Deposit, JobByHand
from bookings.details import Attempt
from bookings.models import HOLDS_TIME, Booking, BookingEvent, EventKind
from bookings.terms import period_of
from notifications.models import Message
from peepopay.errors import AppError, SlotUnavailable, ValidationFailed
from peepopay.local_time import moment
from peepopay.sheets import Outcome, Row, What

from .. import jobs_by_hand
from .going_on import go_on
from .job_rows import Job, read_job

WHY = "Brought along from another calendar"
NO_DEPOSIT = "The deposit of ${dollars} stays with whom it was paid to."
MOST_AT_ONCE = 300  # customers who book meanwhile wait for it
ENOUGH = (
    "More than {most} new jobs are too many at once. Send the file again for this one and those below it."
)


def bring_jobs(
    tradie: Tradie, rows: Sequence[Row], *, by: By, now: datetime, usual: Service | None = None
) -> list[Outcome]:
    """In the caller's transaction; what becomes of each row, in their order. `usual`: the service of rows that name
    none of ours. The same rows again change nothing."""
    services = {service.name.casefold(): service for service in reversed(tradie.services.all())}
    calendars = {
        calendar.name.casefold(): calendar.pk for calendar in tradie.calendars.filter(is_active=True)
    }
    read = [read_job(row, tradie, services, calendars, usual, now) for row in rows]
    jobs = [job for job in read if isinstance(job, Job)]
    there, made = _those_there(tradie, jobs), list[Booking]()
    outcomes = [_take(job, tradie, there, made, by, now) if isinstance(job, Job) else job for job in read]
    outcomes = _with_overrides(outcomes, made)
    by_line = {outcome.line: outcome for outcome in outcomes}
    booked = {
        job.row.line: booking
        for job in jobs
        if by_line[job.row.line].what in (What.NEW, What.SAME) and (booking := _earlier(job, there))
    }
    by_line |= go_on(tradie, jobs, by_line, booked, now)
    return list(by_line.values())


def _key(job: Job) -> uuid.UUID:
    """The same for the same job, whichever file it comes in."""
    return uuid.uuid5(job.service.tradie_id, f"{job.starts_at.isoformat()} {job.details.phone}")


def _earlier(job: Job, there: dict[Any, Booking]) -> Booking | None:
    return there.get(_key(job)) or there.get((job.starts_at, job.details.phone))


def _those_there(tradie: Tradie, jobs: Sequence[Job]) -> dict[Any, Booking]:
    """Bookings of before, by the key of whom a row made and by start and number. One query."""
    rows = Booking.objects.filter(tradie=tradie, starts_at__in={job.starts_at for job in jobs})
    there: dict[Any, Booking] = {}
    for booking in rows:
        if booking.client_key:
            there[booking.client_key] = booking
        if booking.status in HOLDS_TIME:
            there[booking.starts_at, booking.customer_phone] = booking
    return there


def _take(
    job: Job, tradie: Tradie, there: dict[Any, Booking], made: list[Booking], by: By, now: datetime
) -> Outcome:
    name = f"{job.details.name}, {moment(job.starts_at, tradie.timezone)}"
    if earlier := _earlier(job, there):
        return Outcome(job.row.line, What.SAME, name, f"It is {earlier.reference}.")
    if len(made) >= MOST_AT_ONCE:
        return Outcome(job.row.line, What.REFUSED, name, ENOUGH.format(most=MOST_AT_ONCE))
    wanted = JobByHand(
        service=job.service,
        starts_at=job.starts_at,
        details=job.details,
        attempt=Attempt(_key(job), request_hash=str(_key(job))),
        deposit=Deposit.WAIVE,
        by=by,
        calendar_id=job.calendar_id,
        override_reason=WHY,
        tell_customer=False,
        as_agreed=job.as_agreed,
    )
    try:
        booking = jobs_by_hand.take(wanted, now=now)
    except SlotUnavailable:
        return Outcome(job.row.line, What.CLASH, name, _clash(job, wanted, tradie))
    except ValidationFailed as refusal:
        said = [sentence for sentences in refusal.fields.values() for sentence in sentences]
        return Outcome(job.row.line, What.REFUSED, name, " ".join(said or [refusal.message]))
    except AppError as refusal:
        return Outcome(job.row.line, What.REFUSED, name, refusal.message)
    _complete(booking, job)
    made.append(booking)
    there[booking.client_key] = booking
    deposit = job.row.get("deposit")
    paid = NO_DEPOSIT.format(dollars=deposit) if deposit.strip("0.") else ""
    return Outcome(job.row.line, What.NEW, name, " ".join(filter(None, (f"{booking.service_name}.", paid))))


def _complete(booking: Booking, job: Job) -> None:
    """What no form for somebody who rings has: notes of before, and what they were asked there."""
    more: dict[str, Any] = {"tradie_notes": job.tradie_notes} if job.tradie_notes else {}
    if job.row.get("questions"):
        with contextlib.suppress(ValueError):
            more["questions"] = questions_in("questions", job.row.get("questions"))
    if more:
        Booking.objects.filter(pk=booking.pk).update(**more)


def _clash(job: Job, wanted: JobByHand, tradie: Tradie) -> str:
    rows = Booking.objects.filter(
        tradie=tradie, status__in=HOLDS_TIME, period__overlap=period_of(wanted.terms.job, job.starts_at)
    )
    other = rows.order_by("starts_at").first()
    if other is None:
        return "Nobody who can do it is free then."
    when = moment(other.starts_at, tradie.timezone)
    return f"It clashes with {other.reference}: {other.customer_name}, {other.service_name}, {when}."


def _with_overrides(outcomes: list[Outcome], made: Sequence[Booking]) -> list[Outcome]:
    """Which rules of the business's own each goes against; and nobody hears of so many jobs one by one."""
    keys = [booking.pk for booking in made]
    Message.objects.filter(about__in=keys).delete()
    rows = BookingEvent.objects.filter(booking__in=keys, kind=EventKind.OVERRIDDEN, detail__endswith=WHY)
    against = {row.booking_id: row.detail.removesuffix(f": {WHY}") for row in rows}
    said = iter(made)
    told = []
    for outcome in outcomes:
        what = against.get(next(said).pk, "") if outcome.what == What.NEW else ""
        told.append(replace(outcome, says=f"{outcome.says} It is {what}.") if what else outcome)
    return told
