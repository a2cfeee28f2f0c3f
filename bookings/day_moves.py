"""A business can't make a whole day: its customers are offered other times, which are kept for them until a deadline.

Nothing of a booking changes until its customer answers: they take a time, choose another, or cancel and have everything
back. Whoever was silent is put on the list of calls, and keeps the time they have until somebody decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership
from availability.calendars import lock_calendars, mark_changed
from availability.models import Calendar, TimeOff
from availability.time_off import remove_time_off, save_time_off
from peepopay import sweeps
from peepopay.errors import ValidationFailed
from peepopay.local_time import in_zone, moment, short_day, zone

from . import messages
from .actors import SYSTEM, By
from .day_move_models import OPEN, Answer, DayMove, DayMoveJob
from .held_times import let_go, settle
from .job_lists import day_bounds, jobs_of
from .lifecycle import record
from .models import Booking, EventKind, Status
from .offering import hold_times, times_for

MOST_JOBS = 30  # of one calendar on one day
MOST_AT_ONCE = 20  # moves that a round of the sweep lapses
SOONEST = timedelta(minutes=30)
NOT_THAT_DAY = "Choose today or a later day within the time you take bookings for."


class Deadline(NamedTuple):
    """`key` stays what it is while the clock goes on, so that a form can say it."""

    key: str
    at: datetime
    words: str

    def label(self, zone_name: str) -> str:
        return f"{self.words}: {moment(self.at, zone_name)}"


def jobs_on(calendar: Calendar, day: date, now: datetime) -> QuerySet[Booking]:
    """What is certain on that date and has not begun, in order."""
    return _on(calendar, day, now).filter(status=Status.CONFIRMED).select_related("tradie", "calendar")


def requests_on(calendar: Calendar, day: date, now: datetime) -> QuerySet[Booking]:
    """What nobody has said yes to yet: its customer is answered by a no, not by other times."""
    return _on(calendar, day, now).filter(status=Status.REQUESTED, approved_at=None)[:MOST_JOBS]


def _on(calendar: Calendar, day: date, now: datetime) -> QuerySet[Booking]:
    begins, ends = day_bounds(day, calendar.tradie.timezone)
    rows = calendar.bookings.filter(starts_at__gte=max(begins, now), starts_at__lt=ends)
    return rows.order_by("starts_at", "id")


def unasked(move: DayMove, now: datetime) -> QuerySet[Booking]:
    """Those who were booked into the day since."""
    return jobs_on(move.calendar, move.day, now).filter(asked_to_move_at=None)[:MOST_JOBS]


def deadlines(day: date, zone_name: str, now: datetime) -> list[Deadline]:
    """Until when customers may be given to answer, the usual one first."""
    first = datetime.combine(day, time(7), zone(zone_name))
    evening = datetime.combine(day - timedelta(days=1), time(18), zone(zone_name))
    latest = max(evening, now + timedelta(hours=3))
    wanted = [
        Deadline("evening", evening, "The evening before"),
        Deadline("day_before", first - timedelta(days=1), "A day before"),
        Deadline("3h", now + timedelta(hours=3), "In 3 hours"),
        Deadline("1h", now + timedelta(hours=1), "In an hour"),
        Deadline("1d", now + timedelta(days=1), "In a day"),
    ]
    return [one for one in wanted if now + SOONEST <= one.at <= latest]


def open_move(calendar: Calendar, day: date) -> DayMove | None:
    return DayMove.objects.filter(calendar=calendar, day=day, reopened_at=None).first()


def moves_of(member: Membership, now: datetime) -> QuerySet[DayMove]:
    """Of the days that are ahead, or were a short while ago."""
    since = in_zone(now, member.tradie.timezone).date() - timedelta(days=7)
    return member.tradie.day_moves.filter(day__gte=since).select_related("calendar").order_by("day")


@transaction.atomic
def move_day(
    calendar: Calendar, day: date, *, reason: str, answer_by: datetime, by: By, now: datetime
) -> DayMove:
    """Close the day, keep other times for its customers until `answer_by`, and tell them. A day that is moving already
    asks whoever was not asked yet, with the deadline it has. Raises ValidationFailed for a day that is over."""
    tradie = calendar.tradie
    today = in_zone(now, tradie.timezone).date()
    if not today <= day <= today + timedelta(days=tradie.horizon_days + 1):
        raise ValidationFailed(NOT_THAT_DAY)
    lock_calendars(tradie.pk)
    move = open_move(calendar, day) or _close(calendar, day, reason, answer_by, now)
    jobs = list(
        jobs_on(calendar, day, now).filter(asked_to_move_at=None).select_for_update(of=("self",))[:MOST_JOBS]
    )
    if jobs:
        _ask(move, jobs, by, now)
        mark_changed(tradie.pk)
    return move


def _close(calendar: Calendar, day: date, reason: str, answer_by: datetime, now: datetime) -> DayMove:
    begins, ends = day_bounds(day, calendar.tradie.timezone)
    block = TimeOff(calendar=calendar, starts_at=begins, ends_at=ends, reason=reason[:120])
    save_time_off(calendar, block)
    audit.note(
        calendar.tradie_id,
        Change.DAY_MOVED,
        about=calendar.name,
        detail=short_day(begins, calendar.tradie.timezone),
    )
    return DayMove.objects.create(
        tradie_id=calendar.tradie_id,
        calendar=calendar,
        day=day,
        reason=reason,
        time_off=block,
        answer_by=answer_by,
        created_at=now,
    )


def _ask(move: DayMove, jobs: Sequence[Booking], by: By, now: datetime) -> None:
    """Nothing is kept for anybody who is asked after the deadline."""
    _, ends = day_bounds(move.day, jobs[0].tradie.timezone)
    kept = times_for(jobs, first=ends, now=now) if move.answer_by > now else {}
    DayMoveJob.objects.bulk_create(
        DayMoveJob(move=move, booking=job, starts_at=job.starts_at) for job in jobs
    )
    Booking.objects.filter(pk__in=[job.pk for job in jobs]).update(asked_to_move_at=now)
    for job in jobs:
        job.asked_to_move_at = now
        slots = kept.get(job.pk, [])
        hold_times(job, slots, until=move.answer_by, by=by, now=now)
        times = ", ".join(moment(slot.starts, job.tradie.timezone) for slot in slots)
        record(job, EventKind.ASKED_TO_MOVE, by=by, now=now, detail=f"kept: {times}" if times else "")
        messages.tell_asked_to_move(job, reason=move.reason, answer_by=move.answer_by, now=now)


@transaction.atomic
def reopen_day(move: DayMove, *, by: By, now: datetime) -> int:
    """The business can make it after all: who has not answered keeps their time and is told so; times that were kept
    for them are free, and the day can be booked again. Returns how many stay. Pressed twice, it is one."""
    lock_calendars(move.tradie_id)
    if not DayMove.objects.filter(pk=move.pk, reopened_at=None).update(reopened_at=now):
        return 0
    bookings = [job.booking for job in _open_jobs(move)]
    for booking in bookings:
        settle(booking, Answer.KEPT, now=now)
        record(booking, EventKind.KEPT, by=by, now=now)
        messages.tell_time_kept(booking, now=now)
    if move.time_off:
        remove_time_off(move.time_off)
    audit.note(
        move.tradie_id,
        Change.DAY_REOPENED,
        about=move.calendar.name,
        detail=f"{move.day:%a} {move.day.day} {move.day:%b}",
    )
    mark_changed(move.tradie_id)
    return len(bookings)


def _open_jobs(move: DayMove) -> list[DayMoveJob]:
    rows = move.jobs.filter(answer__in=OPEN).select_related("booking__tradie", "booking__calendar")
    return list(rows.order_by("starts_at", "id"))


def lapse_moves(*, now: datetime) -> int:
    """The sweep: of days whose deadline has passed, whoever was silent is put on the list of calls; returns of how many
    days. What fails comes round again."""
    due = DayMove.objects.filter(answer_by__lte=now, lapsed_at=None, reopened_at=None).order_by("answer_by")

    def lapse(move: DayMove) -> bool:
        return lapse_move(move, now=now)

    return sweeps.each(list(due.select_related("calendar")[:MOST_AT_ONCE]), lapse)


@transaction.atomic
def lapse_move(move: DayMove, *, now: datetime) -> bool:
    """False: that was done, or the day was opened again."""
    lock_calendars(move.tradie_id)
    waiting = DayMove.objects.filter(pk=move.pk, lapsed_at=None, reopened_at=None)
    if not waiting.update(lapsed_at=now):
        return False
    silent = [job.booking for job in _open_jobs(move) if job.answer == Answer.WAITING]
    move.jobs.filter(answer=Answer.WAITING).update(answer=Answer.SILENT)
    let_go(silent)
    for booking in silent:
        _to_call(booking, now)
    if silent:
        messages.tell_silent(silent[0], move_id=move.pk, silent=len(silent), now=now)
    mark_changed(move.tradie_id)
    return True


def _to_call(booking: Booking, now: datetime) -> None:
    """Onto the list of calls, unless they wait there already because they asked."""
    if not Booking.objects.filter(pk=booking.pk, call_wanted_since=None).update(call_wanted_since=now):
        return
    detail = f"No answer about {moment(booking.starts_at, booking.tradie.timezone)}, which you can't make."
    record(booking, EventKind.CALL_WANTED, by=SYSTEM, now=now, detail=detail)


def seen_by(member: Membership, move: DayMove) -> QuerySet[DayMoveJob]:
    """The jobs of a day with their bookings, those that this person may see, in order."""
    rows = move.jobs.filter(booking__in=jobs_of(member)).select_related("booking__calendar")
    return rows.order_by("starts_at", "id")


def with_progress(moves: QuerySet[DayMove]) -> QuerySet[DayMove]:
    """Each with how many were asked (`asked`) and how many of them have yet to answer (`unanswered`)."""
    return moves.annotate(asked=Count("jobs"), unanswered=Count("jobs", filter=Q(jobs__answer__in=OPEN)))
