"""A booking that moves: the same row at another time."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from availability.calendars import lock_calendars, mark_changed
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import moment
from peepopay.phone import as_written

from . import messages, policy
from .actors import CUSTOMER, By
from .day_move_models import Answer
from .held_times import settle
from .lifecycle import record
from .limits import require_few_moves
from .models import Actor, Booking, EventKind, Status
from .open_slots import OpenSlot, Wish, require_open_slot
from .places import job_of
from .scheduling import with_answers_for_conflicts

CHANGED_MEANWHILE = "This booking was changed a moment ago. Please look at it again."
NOT_KEPT = "That time isn't kept for you any more. Please choose another."


def wish_to_move(booking: Booking, starts_at: datetime) -> Wish:
    """That time for the job as it was agreed, with the same person if they are free then."""
    return Wish(
        booking.tradie,
        booking.service_id,
        job_of(booking),
        starts_at,
        rather=booking.calendar_id,
        ignoring=booking.pk,
    )


def require_movable(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Whether it may be moved at all. Customers may as long as cancelling costs nothing, and whenever the business
    can't make the time they have. Raises BookingNotChangeable, which says what to do instead."""
    if booking.status not in (Status.CONFIRMED, Status.REQUESTED):
        raise BookingNotChangeable
    tradie = booking.tradie
    please_call = f"Please call {tradie.business_name} on {as_written(tradie.phone)}."
    if booking.status == Status.REQUESTED:
        instead = please_call if actor == Actor.CUSTOMER else "Approve or decline it first."
        raise BookingNotChangeable(f"A time that nobody has said yes to can't be moved. {instead}")
    too_late = now >= policy.changeable_until(booking.terms.policy, booking.starts_at)
    if actor == Actor.CUSTOMER and too_late and booking.asked_to_move_at is None:
        raise BookingNotChangeable(f"It's too late to move this booking online. {please_call}")


def move_booking(
    booking: Booking, starts_at: datetime, *, by: By, now: datetime, tell: bool = True
) -> Booking:
    """The same row at another time: same id, same deposit, same calendar entry with a higher sequence; with the same
    person if they are free then. Where it is at that time already nothing happens. `tell`: whether its customer hears
    of it; one who was asked for another time always does.

    Raises BookingNotChangeable, SlotUnavailable with alternatives, ValidationFailed, CallInstead.
    """
    require_movable(booking, actor=by.actor, now=now)
    wish = wish_to_move(booking, starts_at)
    answer = Answer.CHOSE if by.actor == Actor.CUSTOMER else Answer.MOVED

    def attempt_once() -> Booking:
        with transaction.atomic(durable=True):
            several = lock_calendars(booking.tradie_id) > 1
            fresh = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
            if fresh.status == Status.CONFIRMED and fresh.starts_at == starts_at:
                return fresh
            if (fresh.status, fresh.starts_at) != (Status.CONFIRMED, booking.starts_at):
                raise BookingNotChangeable(CHANGED_MEANWHILE)
            if fresh.asked_to_move_at is None:
                require_few_moves(booking, by.actor, now)
            slot = require_open_slot(wish, now)
            shift(fresh, slot, answer, by=by, now=now, tell=tell)
            fresh.is_of_several = several
            return fresh

    return with_answers_for_conflicts(attempt_once, wish, now)


def shift(
    booking: Booking,
    slot: OpenSlot,
    answer: Answer,
    *,
    by: By,
    now: datetime,
    tell: bool = True,
    quietly: bool = False,
) -> None:
    """The row to that time, and both sides are told, or with `tell` False the business alone, `quietly` nobody; call it
    while holding the calendars, with a fresh row. `answer`: to a business that couldn't make the time it had. Raises
    BookingNotChangeable."""
    before, left = moment(booking.starts_at, booking.tradie.timezone), booking.calendar
    keeps_who = slot.calendar_id == booking.calendar_id
    tell = tell or booking.asked_to_move_at is not None
    settle(booking, answer, now=now)  # first: the time may be one that was kept for it
    moved = Booking.objects.filter(
        pk=booking.pk, status=Status.CONFIRMED, starts_at=booking.starts_at
    ).update(
        **booking.terms.times(slot.starts),
        calendar_id=slot.calendar_id,
        calendar_asked_for=keeps_who and booking.calendar_asked_for,
        sequence=booking.sequence + 1,
        late_minutes=0,
    )
    if not moved:
        raise BookingNotChangeable(CHANGED_MEANWHILE)
    booking.refresh_from_db(from_queryset=Booking.objects.select_related("tradie", "calendar"))
    who = "" if keeps_who else f", and from {left} to {booking.calendar}"
    record(booking, EventKind.MOVED, by=by, now=now, detail=f"from {before}{who}")
    # Who takes what the business held for them is never refused for having had many messages.
    if not quietly:
        messages.tell_moved(booking, now=now, asked_for=answer == Answer.CHOSE, customer=tell)
    mark_changed(booking.tradie_id)


def take_held(booking: Booking, held_id: uuid.UUID, *, now: datetime) -> Booking:
    """Its customer takes one of the times that are kept for it: the same row, the same deposit, and the other times are
    free. Pressed twice it is one. Raises BookingNotChangeable where that time isn't kept any more."""
    with transaction.atomic(durable=True):
        several = lock_calendars(booking.tradie_id) > 1
        fresh = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
        held = Booking.objects.filter(pk=held_id, holds_for=fresh).first()
        if held and fresh.status == Status.CONFIRMED and fresh.starts_at == held.starts_at:
            return fresh
        if held is None or not held.held_until or held.held_until <= now:
            raise BookingNotChangeable(NOT_KEPT)  # as of whatever settled the booking meanwhile
        shift(
            fresh,
            OpenSlot(held.starts_at, held.ends_at, held.calendar_id),
            Answer.TOOK,
            by=CUSTOMER,
            now=now,
        )
        fresh.is_of_several = several
        return fresh
