"""A booking goes to another person or van of the business, at the same time: the same row, the same terms."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, QuerySet

from accounts.models import Tradie
from availability.calendars import lock_calendars, mark_changed
from availability.models import Calendar
from availability.refusals import Reason
from peepopay.errors import BookingNotChangeable, SlotUnavailable

from . import messages
from .actors import By
from .day_move_models import Answer
from .held_times import settle
from .job_lists import ends_after
from .lifecycle import record
from .models import HELD, Booking, EventKind, Status
from .open_slots import Wish, chosen, who_could
from .places import job_of
from .scheduling import with_answers_for_conflicts

STILL_TO_DO = (*HELD, Status.REQUESTED, Status.CONFIRMED)
MOST_AT_ONCE = 100  # each takes a transaction of its own, so that nobody waits for them all
NOBODY_FREE = "Nobody else who can do it is free then."
NOT_FREE = "They aren't free then any more."


class Candidate(NamedTuple):
    """Somebody else who can do the job, and what keeps them from it at that time, if anything."""

    calendar: Calendar
    reason: Reason | None


class HandedOver(NamedTuple):
    """`left`: those that nobody else could take, or that were one too many for a press."""

    done: list[Booking]
    left: list[Booking]


def still_with(calendar: Calendar, now: datetime) -> QuerySet[Booking]:
    """What a person or van has yet to do, in order; times that are held for somebody who is paying too."""
    rows = calendar.tradie.bookings.filter(ends_after(now), calendar=calendar, status__in=STILL_TO_DO)
    return rows.order_by("starts_at", "id")


def left_with_the_stopped(tradie: Tradie, now: datetime) -> dict[uuid.UUID, int]:
    """How many bookings those still have to do who take no more, by their id. One query."""
    rows = tradie.bookings.filter(ends_after(now), calendar__is_active=False, status__in=STILL_TO_DO)
    return dict(rows.order_by().values_list("calendar").annotate(Count("pk")))


def may_be_handed_over(booking: Booking, now: datetime) -> bool:
    return booking.status in (Status.REQUESTED, Status.CONFIRMED) and booking.ends_at > now


def candidates(booking: Booking) -> list[Candidate]:
    """Everybody else who can do it, in order. Two queries."""
    known = {calendar.pk: calendar for calendar in booking.tradie.calendars.all()}
    return [
        Candidate(known[calendar.id], reason)
        for calendar, reason in who_could(_wish(booking))
        if calendar.id != booking.calendar_id and calendar.id in known
    ]


def hand_over(
    booking: Booking, to: uuid.UUID | None, *, by: By, now: datetime, tell: bool | None = None
) -> Booking:
    """The booking, with whom it is then. `to`: whose it becomes; None: of those who are free, whoever has least that
    day. `tell`: whether the customer hears of it; None: if they had asked for the one who came until now.

    Nothing happens where it is theirs already. Raises SlotUnavailable (nobody is free, or those aren't) and
    BookingNotChangeable (over, or changed meanwhile).
    """
    if to == booking.calendar_id:
        return booking
    wish = _wish(booking, to)

    def attempt_once() -> Booking:
        with transaction.atomic():
            lock_calendars(booking.tradie_id)
            who = _whoever_is_free(wish, booking)
            changed = Booking.objects.filter(
                pk=booking.pk,
                calendar=booking.calendar_id,
                starts_at=booking.starts_at,
                status__in=STILL_TO_DO,
                ends_at__gt=now,
            ).update(calendar=who, calendar_asked_for=False, late_minutes=0)
            if not changed:
                raise BookingNotChangeable
            fresh = Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)
            was_asked = fresh.asked_to_move_at is not None  # and has to hear that their time stays
            settle(fresh, Answer.HANDED_OVER, now=now)
            detail = f"from {booking.calendar} to {fresh.calendar}"
            record(fresh, EventKind.HANDED_OVER, by=by, now=now, detail=detail)
            # Of a time that is only held nobody has been told who comes.
            if fresh.status not in HELD and (
                was_asked or (booking.calendar_asked_for if tell is None else tell)
            ):
                messages.tell_handed_over(fresh, now=now)
            mark_changed(fresh.tradie_id)
            return fresh

    return with_answers_for_conflicts(attempt_once, wish, now)


def hand_over_all(calendar: Calendar, *, by: By, now: datetime) -> HandedOver:
    """Everything that is still to be done, each booking to whoever is free; the first `MOST_AT_ONCE` of them."""
    outcome = HandedOver([], [])
    for booking in still_with(calendar, now).select_related("tradie", "calendar")[:MOST_AT_ONCE]:
        try:
            outcome.done.append(hand_over(booking, None, by=by, now=now))
        except (SlotUnavailable, BookingNotChangeable):
            outcome.left.append(booking)
    return outcome


def _wish(booking: Booking, to: uuid.UUID | None = None) -> Wish:
    return Wish(
        booking.tradie,
        booking.service_id,
        replace(job_of(booking), weekdays=None),  # who comes is asked, not when
        booking.starts_at,
        calendar_id=to,
        ignoring=booking.pk,
    )


def _whoever_is_free(wish: Wish, booking: Booking) -> uuid.UUID:
    others = [
        calendar
        for calendar, reason in who_could(wish)
        if reason is None and calendar.id != booking.calendar_id
    ]
    if not others:
        raise SlotUnavailable(NOT_FREE if wish.calendar_id else NOBODY_FREE)
    return chosen(others, wish).id
