"""Tools that change a booking: as on its customer's page, with what it means shown before anything changes.

Neither needs an idempotency key: the same call again finds the booking as the first one left it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from bookings.actors import CUSTOMER
from bookings.models import Actor, Booking, Status
from bookings.moving import move_booking, require_movable, wish_to_move
from bookings.open_slots import require_open_slot
from bookings.tokens import find_by_token
from payments.cancellations import cancel_booking, may_cancel
from payments.outcomes import outcome_of, statement_of
from payments.totals import totals_of
from peepopay.errors import BookingNotChangeable, Unauthorized
from peepopay.local_time import iso

from .outputs import booking_told, id_of
from .refusals import TermsNotAgreed

NEXT = "Nothing has changed yet. Show this to the customer. When they agree, call again with terms_id as agreed_terms."
OVER = (Status.CANCELLED, Status.EXPIRED)


def cancel(sent: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    booking, now = _booking(sent), timezone.now()
    if booking.status in OVER and sent["agreed_terms"]:
        return booking_told(booking, now)
    if not may_cancel(booking, now=now):
        raise BookingNotChangeable
    outcome = outcome_of(booking, totals_of(booking), actor=Actor.CUSTOMER, now=now)
    shown = {
        "start": iso(booking.starts_at, booking.tradie.timezone),
        "refund_cents": outcome.refund_cents,
        "kept_cents": outcome.kept_cents,
        "sentence": outcome.sentence,
    }
    if not _is_agreed("cancel", booking, shown, sent):
        return _asked("cancel", booking, shown)
    cancel_booking(booking, by=CUSTOMER, now=now)
    return booking_told(_booking(sent), now)


def move(sent: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    booking, now, start = _booking(sent), timezone.now(), sent["start"]
    if booking.status == Status.CONFIRMED and booking.starts_at == start:
        return booking_told(booking, now)
    require_movable(booking, actor=Actor.CUSTOMER, now=now)
    zone = booking.tradie.timezone
    shown = {
        "from": iso(booking.starts_at, zone),
        "to": iso(start, zone),
        "policy_statement": statement_of(booking, totals_of(booking), now=now, starts_at=start),
    }
    if not _is_agreed("move", booking, shown, sent):
        require_open_slot(wish_to_move(booking, start), now)
        return _asked("move", booking, shown)
    move_booking(booking, start, by=CUSTOMER, now=now)
    return booking_told(_booking(sent), now)


def _booking(sent: dict[str, Any]) -> Booking:
    booking = find_by_token(sent["token"])
    if booking is None:
        raise Unauthorized
    return booking


def _id(what: str, booking: Booking, shown: dict[str, Any]) -> str:
    return id_of([what, str(booking.pk), *shown.values()])


def _is_agreed(what: str, booking: Booking, shown: dict[str, Any], sent: dict[str, Any]) -> bool:
    """False: they haven't been asked. Raises TermsNotAgreed for who was shown something else."""
    if sent["agreed_terms"] and sent["agreed_terms"] != _id(what, booking, shown):
        raise TermsNotAgreed
    return bool(sent["agreed_terms"])


def _asked(what: str, booking: Booking, shown: dict[str, Any]) -> dict[str, Any]:
    return {**shown, "terms_id": _id(what, booking, shown), "next": NEXT}
