"""What takes a time: a new booking, and a hold that moves. A booking that moves is in `moving.py`."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected, ExclusionViolation, UniqueViolation

from accounts.models import Service, Tradie
from availability.calendars import lock_calendars, mark_changed
from peepopay.derived_tokens import hash_of
from peepopay.errors import AppError, IdempotencyConflict, SlotUnavailable
from peepopay.lookups import only

from . import deposit_messages, messages
from .actors import CUSTOMER, By
from .customers import require_not_blocked
from .details import Attempt, Details
from .lifecycle import ask_for_approval, confirm_booking, record
from .limits import names_to_lock, require_few_places, who_may_book
from .models import Booking, EventKind, Status
from .open_slots import OpenSlot, Wish, nearest_open, require_open_slot
from .places import at
from .quote_handover import take_over_quote
from .terms import Terms, terms_for
from .tokens import new_token

LONGEST_HOLD = timedelta(minutes=30)  # however often a customer chooses another time

Result = TypeVar("Result")


def request_booking(
    *,
    tradie: Tradie,
    service: Service,
    starts_at: datetime,
    details: Details,
    attempt: Attempt,
    now: datetime,
    held: Booking | None = None,
    calendar_id: uuid.UUID | None = None,
    terms: Terms | None = None,
    along: Callable[[Booking], object] | None = None,
) -> Booking:
    """Take a time. With a deposit due the booking is `pending` and holds the time until `held_until`; without one it
    is `confirmed`, or `requested` where the tradie approves first.

    `held` is a hold of the same customer for the same service: that row moves instead, so that they never hold two.
    `terms`: what was agreed; without them those of the hold, or else of the service as it is now.
    `calendar_id` is the one that was asked for; without it, any that can do the service may get the booking.
    `along` is done with a new booking, in the transaction that makes it.
    The same client key and body give the same booking again.
    Raises SlotUnavailable with alternatives, ValidationFailed, IdempotencyConflict, what `limits` raises, and
    CallInstead for whom the business wants to talk to first.
    """
    terms = terms or terms_for(service, held)
    wish = Wish(
        tradie,
        service.pk,
        at(terms.job, tradie, details.postcode),
        starts_at,
        calendar_id=calendar_id,
        rather=held.calendar_id if held else None,
        ignoring=held.pk if held else None,
    )

    if tradie.travel_kmh:
        require_few_places(tradie, details.postcode, attempt.client_address_hash)

    def attempt_once() -> Booking:
        with transaction.atomic(durable=True):
            several = lock_calendars(tradie.pk, names=names_to_lock(details, attempt)) > 1
            who = who_may_book(tradie, details, attempt, now, to_pay=terms.is_held_first, ignoring=held)
            require_not_blocked(tradie, who)
            slot = require_open_slot(wish, now)
            moved = _move_hold(held, terms, slot, details, attempt, now, who.id) if held else None
            if moved and not terms.is_held_first:
                _settle_free(moved, now)
            booking = moved or insert(service, terms, slot, details, attempt, now, customer_id=who.id)
            if along and not moved:
                along(booking)
            mark_changed(tradie.pk)
            booking.is_of_several = several
            return booking

    try:
        return with_answers_for_conflicts(attempt_once, wish, now)
    except (AppError, IntegrityError):
        # A request that is sent again mostly meets its own booking, as a taken time or a used key.
        if earlier := find_attempt(tradie, attempt):
            return earlier
        raise


def find_attempt(tradie: Tradie, attempt: Attempt) -> Booking | None:
    """The booking an earlier try of this very request made; IdempotencyConflict if the body differs."""
    if attempt.client_key is None:
        return None
    earlier = only(Booking.objects.filter(tradie=tradie, client_key=attempt.client_key))
    if earlier and earlier.request_hash != attempt.request_hash:
        raise IdempotencyConflict
    return earlier


def with_answers_for_conflicts(act: Callable[[], Result], wish: Wish, now: datetime) -> Result:
    """Run `act`; once more after a deadlock; the exclusion constraint's refusal becomes SlotUnavailable."""
    for last_try in (False, True):
        try:
            return act()
        except OperationalError as problem:
            if last_try or not isinstance(problem.__cause__, DeadlockDetected):
                raise
        except IntegrityError as problem:
            if isinstance(problem.__cause__, ExclusionViolation):
                raise SlotUnavailable(alternatives=nearest_open(wish, now)) from problem
            # A reference that exists draws another; a client key that was used is the caller's to look at.
            if last_try or not isinstance(problem.__cause__, UniqueViolation):
                raise
    raise AssertionError("unreachable")


def insert(
    service: Service,
    terms: Terms,
    slot: OpenSlot,
    details: Details,
    attempt: Attempt,
    now: datetime,
    *,
    rebooks: Booking | None = None,
    by: By = CUSTOMER,
    quietly: bool = False,
    **more: Any,
) -> Booking:
    """A new booking at a time that is free, on these terms; call it while holding the calendars. `quietly`: nobody is
    told that it was confirmed. `more`: columns, as they are to be instead of as usual."""
    booking_id, status = uuid.uuid4(), _first_status(terms)
    columns = dict(
        id=booking_id,
        reference=reference_of(booking_id),
        tradie=service.tradie,
        service=service,
        calendar_id=slot.calendar_id,
        calendar_asked_for=slot.is_asked_for,
        status=status,
        **terms.times(slot.starts),
        **terms.columns(),
        held_until=now + hold_length() if terms.is_held_first else None,
        answer_by=slot.starts if status == Status.REQUESTED else None,
        **details.columns(),
        token_hash=hash_of(new_token(booking_id)),
        client_key=attempt.client_key,
        request_hash=attempt.request_hash,
        client_address_hash=attempt.client_address_hash,
        rebooks=rebooks,
        created_at=now,
        confirmed_at=now if status == Status.CONFIRMED else None,
    )
    booking = Booking(**columns | more)
    record(booking, FIRST_EVENT[booking.status], by=by, now=now, is_new=True)
    _tell_first_status(booking, now, quietly)
    return booking


def reference_of(booking_id: uuid.UUID) -> str:
    """Eight letters and digits that can be read over the phone: `K7PX-29QM`."""
    letters = base64.b32encode(booking_id.bytes[:5]).decode().replace("I", "8").replace("O", "9")
    return f"{letters[:4]}-{letters[4:]}"


def hold_length() -> timedelta:
    return timedelta(minutes=settings.HOLD_MINUTES)


def _first_status(terms: Terms) -> Status:
    if terms.is_held_first:
        return Status.PENDING
    return Status.REQUESTED if terms.requires_approval else Status.CONFIRMED


FIRST_EVENT: dict[str, EventKind] = {
    Status.PENDING: EventKind.HELD,
    Status.REQUESTED: EventKind.REQUESTED,
    Status.CONFIRMED: EventKind.CONFIRMED,
}


def _tell_first_status(booking: Booking, now: datetime, quietly: bool) -> None:
    match booking.status:
        case Status.PENDING if booking.taken_by_business:
            deposit_messages.tell_deposit_asked(booking, now=now)
        case Status.REQUESTED:
            messages.tell_requested(booking, now=now, asked_for=True)
        case Status.CONFIRMED:
            take_over_quote(booking)
            if not quietly:
                messages.tell_confirmed(booking, now=now, asked_for=not booking.taken_by_business)


def _settle_free(booking: Booking, now: datetime) -> None:
    """A time was held for them without anything to pay: now that they said where, it is booked, or asked for."""
    if booking.requires_approval:
        ask_for_approval(booking, answer_by=booking.starts_at, now=now)
    else:
        confirm_booking(booking, now=now, by=CUSTOMER)


def _move_hold(
    held: Booking,
    terms: Terms,
    slot: OpenSlot,
    details: Details,
    attempt: Attempt,
    now: datetime,
    customer_id: uuid.UUID,
) -> Booking | None:
    """The same row, id and PaymentIntent at another time; None if the hold is no longer waiting."""
    changes: dict[str, Any] = {
        **({} if terms == held.terms else terms.columns()),
        **terms.times(slot.starts),
        "calendar_id": slot.calendar_id,
        "calendar_asked_for": slot.is_asked_for,
        **details.columns(),
        "customer_id": customer_id,
        "held_until": max(held.held_until or now, min(now + hold_length(), held.created_at + LONGEST_HOLD)),
        "client_key": attempt.client_key,
        "request_hash": attempt.request_hash,
    }
    if not Booking.objects.filter(pk=held.pk, status=Status.PENDING).update(**changes):
        return None
    booking = Booking.objects.select_related("tradie").get(pk=held.pk)
    record(booking, EventKind.MOVED, by=CUSTOMER, now=now, detail="before paying")
    return booking
