"""A booking that moves: the same row at another time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from availability.calendars import lock_calendars, mark_changed
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import moment
from peepopay.phone import as_written

from . import messages, policy
from .actors import By
from .lifecycle import record
from .limits import require_few_moves
from .models import Actor, Booking, EventKind, Status
from .open_slots import Wish, require_open_slot
from .scheduling import with_answers_for_conflicts

CHANGED_MEANWHILE = "This booking was changed a moment ago. Please look at it again."


def wish_to_move(booking: Booking, starts_at: datetime) -> Wish:
    """That time for the job as it was agreed, with the same person if they are free then."""
    return Wish(
        booking.tradie,
        booking.service_id,
        booking.terms.job,
        starts_at,
        rather=booking.calendar_id,
        ignoring=booking.pk,
    )


def require_movable(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Whether it may be moved at all. Customers may as long as cancelling costs nothing. Raises BookingNotChangeable,
    which says what to do instead."""
    if booking.status not in (Status.CONFIRMED, Status.REQUESTED):
        raise BookingNotChangeable
    tradie = booking.tradie
    please_call = f"Please call {tradie.business_name} on {as_written(tradie.phone)}."
    if booking.status == Status.REQUESTED:
        raise BookingNotChangeable(f"A time that nobody has said yes to can't be moved. {please_call}")
    if actor == Actor.CUSTOMER and now >= policy.changeable_until(booking.terms.policy, booking.starts_at):
        raise BookingNotChangeable(f"It's too late to move this booking online. {please_call}")


def move_booking(booking: Booking, starts_at: datetime, *, by: By, now: datetime) -> Booking:
    """The same row at another time: same id, same deposit, same calendar entry with a higher sequence; with the same
    person if they are free then. Where it is at that time already nothing happens.

    Raises BookingNotChangeable, SlotUnavailable with alternatives, ValidationFailed, CallInstead.
    """
    require_movable(booking, actor=by.actor, now=now)
    wish = wish_to_move(booking, starts_at)

    def attempt_once() -> Booking:
        with transaction.atomic(durable=True):
            several = lock_calendars(booking.tradie_id) > 1
            fresh = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
            if fresh.status == Status.CONFIRMED and fresh.starts_at == starts_at:
                return fresh
            if (fresh.status, fresh.starts_at) != (Status.CONFIRMED, booking.starts_at):
                raise BookingNotChangeable(CHANGED_MEANWHILE)
            require_few_moves(booking, by.actor, now)
            slot = require_open_slot(wish, now)
            before, left = moment(fresh.starts_at, fresh.tradie.timezone), fresh.calendar
            keeps_who = slot.calendar_id == fresh.calendar_id
            moved = Booking.objects.filter(
                pk=booking.pk, status=Status.CONFIRMED, starts_at=booking.starts_at
            ).update(
                **fresh.terms.times(slot.starts),
                calendar_id=slot.calendar_id,
                calendar_asked_for=keeps_who and fresh.calendar_asked_for,
                sequence=fresh.sequence + 1,
            )
            if not moved:
                raise BookingNotChangeable(CHANGED_MEANWHILE)
            fresh.refresh_from_db(from_queryset=Booking.objects.select_related("tradie", "calendar"))
            who = "" if keeps_who else f", and from {left} to {fresh.calendar}"
            record(fresh, EventKind.MOVED, by=by, now=now, detail=f"from {before}{who}")
            messages.tell_moved(fresh, now=now, asked_for=by.actor == Actor.CUSTOMER)
            mark_changed(booking.tradie_id)
            fresh.is_of_several = several
            return fresh

    return with_answers_for_conflicts(attempt_once, wish, now)
