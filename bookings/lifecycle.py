"""Every change of a booking's status. Each is one transaction, or part of its caller's, conditional on the status it
starts from.

What takes a time (a new booking, a move) is in `scheduling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from psycopg.errors import ExclusionViolation, UniqueViolation

from availability.calendars import lock_calendar, mark_changed
from peepopay import written_rows

from . import deposit_messages, messages, reviews, webhook_events
from .actors import CUSTOMER, SYSTEM, By
from .day_move_models import Answer
from .held_times import settle
from .models import HELD, Booking, BookingEvent, EventKind, Status
from .open_slots import Wish, could_still_be_booked
from .places import job_of
from .posting import postings_of
from .quote_handover import take_over_quote

UNDONE_WITHIN = timedelta(days=1)

# To which status from which. Everything else is refused by the conditional update.
MAY_BECOME: dict[Status, tuple[Status, ...]] = {
    Status.CONFIRMED: (Status.PENDING, Status.EXPIRING, Status.REQUESTED),
    Status.REQUESTED: (Status.PENDING, Status.EXPIRING),
    Status.EXPIRING: (Status.PENDING,),
    Status.EXPIRED: (Status.PENDING, Status.EXPIRING),
    Status.LOST: (Status.EXPIRED,),
    Status.CANCELLED: (Status.CONFIRMED, Status.REQUESTED),
    Status.DECLINED: (Status.REQUESTED,),
    Status.COMPLETED: (Status.CONFIRMED,),
    Status.NO_SHOW: (Status.CONFIRMED,),
}


def record(
    booking: Booking, kind: EventKind, *, by: By, now: datetime, detail: str = "", is_new: bool = False
) -> None:
    """Add a line to the booking's history, have its money entered in the books, and tell the business's own systems.
    Call it once the row is changed; `is_new`: it writes the row as well."""
    event = BookingEvent(
        booking=booking, kind=kind, actor=by.actor, user=by.user, at=now, detail=detail[:500]
    )
    rows = [event, *postings_of(booking, kind, now=now)]
    written_rows.insert_together(*([booking] if is_new else []), *rows)
    webhook_events.tell_of(booking, kind, by=by, now=now)


def _become(
    booking: Booking, status: Status, while_so: Mapping[str, Any] | None = None, **changes: Any
) -> bool:
    """Move the status if it may, and if the row is still as `while_so` has it; False if another change came first.
    Keeps the object in step with the row."""
    changes = {"status": status, "held_until": booking.held_until if status in HELD else None, **changes}
    rows = Booking.objects.filter(pk=booking.pk, status__in=MAY_BECOME[status], **while_so or {})
    if not rows.update(**changes):
        return False
    for name, value in changes.items():
        setattr(booking, name, value)
    return True


@transaction.atomic(savepoint=False)
def confirm_booking(booking: Booking, *, now: datetime, by: By = SYSTEM, detail: str = "") -> bool:
    """The deposit arrived, or the tradie approved; call it with the calendar locked. False: it was not waiting."""
    if not _become(booking, Status.CONFIRMED, confirmed_at=now):
        return False
    take_over_quote(booking)
    record(booking, EventKind.CONFIRMED, by=by, now=now, detail=detail)
    messages.tell_confirmed(booking, now=now)
    return True


@transaction.atomic(savepoint=False)
def ask_for_approval(booking: Booking, *, answer_by: datetime, now: datetime, detail: str = "") -> bool:
    """The card holds the deposit, and now it is for the tradie to say yes or no. False: it was no hold any more."""
    if not _become(booking, Status.REQUESTED, answer_by=answer_by):
        return False
    record(booking, EventKind.REQUESTED, by=CUSTOMER, now=now, detail=detail)
    messages.tell_requested(booking, now=now)
    return True


@transaction.atomic(savepoint=False)
def revive_booking(booking: Booking, *, now: datetime, answer_by: datetime | None = None) -> bool:
    """Paid after the hold lapsed: confirmed anyway (or asked for, until `answer_by`) if the time is still ahead and
    could still be booked, by the diary as it is now; and the quote it came from, if any, stands and made no other job.
    Call it with the calendar locked."""
    if booking.quote_is_off:
        return False
    wish = Wish(
        booking.tradie,
        booking.service_id,
        job_of(booking),
        booking.starts_at,
        calendar_id=booking.calendar_id,
    )
    if booking.starts_at <= now or not could_still_be_booked(wish, booking.created_at):
        return False
    changes: dict[str, Any] = (
        {"status": Status.REQUESTED, "answer_by": answer_by}
        if answer_by
        else {"status": Status.CONFIRMED, "confirmed_at": now}
    )
    changes["sequence"] = (
        booking.sequence + 2
    )  # later than the file of a hold that lapsed, which says that it is off
    try:
        with transaction.atomic():
            lapsed = Booking.objects.filter(pk=booking.pk, status=Status.EXPIRED)
            revived = lapsed.update(**changes)
    except IntegrityError as problem:
        # Somebody has the time; or another stands by now where it was to stand, or has its quote.
        if not isinstance(problem.__cause__, ExclusionViolation | UniqueViolation):
            raise
        return False
    if not revived:
        return False
    for name, value in changes.items():
        setattr(booking, name, value)
    if not answer_by:
        take_over_quote(booking)
    mark_changed(booking.tradie_id)
    kind, tell = (
        (EventKind.REQUESTED, messages.tell_requested)
        if answer_by
        else (EventKind.CONFIRMED, messages.tell_confirmed)
    )
    record(booking, kind, by=SYSTEM, now=now, detail="paid late, the time was still free")
    tell(booking, now=now)
    return True


@transaction.atomic(savepoint=False)
def lose_booking(booking: Booking, *, refund_cents: int, now: datetime) -> bool:
    """Paid after the hold lapsed and the time is gone; the caller refunds everything in the same transaction."""
    if not _become(booking, Status.LOST):
        return False
    record(booking, EventKind.LOST, by=SYSTEM, now=now)
    messages.tell_lost(booking, refund_cents=refund_cents, now=now)
    return True


@transaction.atomic
def start_expiring(booking: Booking) -> bool:
    """The hold is over, but its intent could still be paid: it keeps its time until Stripe has cancelled that.

    False: it was not waiting, or was prolonged since `booking` was read.
    """
    return _become(booking, Status.EXPIRING, {"held_until": booking.held_until})


RELEASED_AS: dict[Status, EventKind] = {
    Status.EXPIRED: EventKind.EXPIRED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.DECLINED: EventKind.DECLINED,
}


@transaction.atomic(savepoint=False)
def release_booking(booking: Booking, status: Status, *, by: By, now: datetime, reason: str = "") -> bool:
    """Give the time back: expired, cancelled or declined; call it with the calendar locked. False: it held none. Who is
    told, the caller decides."""
    held_until = booking.held_until
    changes: dict[str, Any] = (
        {"cancelled_at": now, "cancel_reason": reason[:500]} if status != Status.EXPIRED else {}
    )
    if not _become(booking, status, **changes):
        return False
    settle(booking, Answer.CANCELLED, now=now)
    mark_changed(booking.tradie_id)
    record(booking, RELEASED_AS[status], by=by, now=now, detail=reason)
    if status == Status.EXPIRED and booking.taken_by_business and held_until and held_until <= now:
        deposit_messages.tell_deposit_lapsed(booking, now=now)
    return True


@transaction.atomic
def approve_request(booking: Booking, *, by: By, now: datetime) -> bool:
    """The tradie says yes. False: it was not waiting for that, or its time has passed."""
    if booking.status != Status.REQUESTED or booking.starts_at <= now:
        return False
    lock_calendar(booking.calendar_id)
    return confirm_booking(booking, by=by, now=now, detail="approved")


@transaction.atomic(savepoint=False)
def note_approval(booking: Booking, *, by: By, now: datetime) -> bool:
    """The tradie says yes to a request whose deposit is yet to be taken; `confirm_booking` follows when it was. Call it
    with the calendar locked. False: it was not waiting for that, or they said so before."""
    waiting = Booking.objects.filter(pk=booking.pk, status=Status.REQUESTED, approved_at=None)
    if not waiting.update(approved_at=now):
        return False
    booking.approved_at = now
    record(booking, EventKind.APPROVED, by=by, now=now)
    return True


@transaction.atomic
def decline_request(booking: Booking, *, by: By, now: datetime, reason: str = "") -> bool:
    """The tradie says no; the time is free again. False: it was not waiting for that."""
    lock_calendar(booking.calendar_id)
    if not release_booking(booking, Status.DECLINED, by=by, now=now, reason=reason):
        return False
    messages.tell_declined(booking, now=now)
    return True


@transaction.atomic(savepoint=False)
def lapse_request(booking: Booking, *, now: datetime) -> bool:
    """Nobody answered in time. Call it with the calendar locked. False: it was not waiting for that any more."""
    reason = "There was no answer in time."
    if not release_booking(booking, Status.DECLINED, by=SYSTEM, now=now, reason=reason):
        return False
    messages.tell_request_lapsed(booking, now=now)
    return True


@transaction.atomic(savepoint=False)
def drop_request(booking: Booking, *, now: datetime) -> bool:
    """The card can't be charged, be it approved or not. Call it with the calendar locked. False: it was no request."""
    reason = "The card could not be charged."
    if not release_booking(booking, Status.DECLINED, by=SYSTEM, now=now, reason=reason):
        return False
    messages.tell_card_refused(booking, now=now)
    return True


@transaction.atomic
def mark_completed(booking: Booking, *, by: By, now: datetime) -> bool:
    """Done. False: it was not confirmed, or has not started yet."""
    if booking.starts_at > now or not _become(booking, Status.COMPLETED):
        return False
    settle(booking, Answer.KEPT, now=now)
    record(booking, EventKind.COMPLETED, by=by, now=now)
    reviews.invite_to_review(booking, now=now)
    return True


def was_just_completed(booking: Booking, now: datetime) -> bool:
    """Whether it was marked done within a day. One query."""
    return _just_completed(booking, now).exists()


def _just_completed(booking: Booking, now: datetime) -> QuerySet[BookingEvent]:
    return booking.events.filter(kind=EventKind.COMPLETED, at__gt=now - UNDONE_WITHIN)


@transaction.atomic
def undo_completed(booking: Booking, *, by: By, now: datetime) -> bool:
    """It was a mistake: the job is still to be done. False: it is not done, or was marked longer ago than a day. What
    was invoiced meanwhile stays so."""
    marked = Booking.objects.filter(Exists(_just_completed(booking, now)), pk=booking.pk)
    if not marked.filter(status=Status.COMPLETED).update(status=Status.CONFIRMED):
        return False
    booking.status = Status.CONFIRMED
    record(booking, EventKind.COMPLETED_UNDONE, by=by, now=now)
    reviews.take_back_invitation(booking)
    return True


@transaction.atomic
def mark_no_show(booking: Booking, *, by: By, now: datetime) -> bool:
    """Only the tradie says so, and only once the job should have begun, of a time that they could make. Nothing is
    charged by it: what happens to the money is `payments/no_shows.py`."""
    while_so = {"starts_at__lte": now, "asked_to_move_at": None}
    if not _become(booking, Status.NO_SHOW, while_so, no_show_at=now):
        return False
    record(booking, EventKind.NO_SHOW, by=by, now=now)
    return True


@transaction.atomic(savepoint=False)
def undo_no_show(booking: Booking, *, by: By, now: datetime) -> bool:
    """It was a mistake: the booking is what it was before. False: it is no no-show, or was marked longer ago than a
    day."""
    marked = Booking.objects.filter(pk=booking.pk, status=Status.NO_SHOW, no_show_at__gt=now - UNDONE_WITHIN)
    if not marked.update(status=Status.CONFIRMED, no_show_at=None):
        return False
    booking.status, booking.no_show_at = Status.CONFIRMED, None
    record(booking, EventKind.NO_SHOW_UNDONE, by=by, now=now)
    return True
