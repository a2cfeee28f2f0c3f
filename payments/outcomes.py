"""What becomes of a booking's money when it is cancelled: its policy (`bookings/policy.py`) asked with its figures."""

from __future__ import annotations

from datetime import datetime

from bookings import policy
from bookings.models import HELD, Actor, Booking, Status
from bookings.policy import Outcome, if_cancelled, if_disputed, it_is_over
from bookings.statements import policy_statement

from .models import PaymentKind
from .totals import Totals

CANCELLABLE = (*HELD, Status.CONFIRMED, Status.REQUESTED)


def outcome_of(booking: Booking, totals: Totals, *, actor: Actor, now: datetime) -> Outcome:
    """If `actor` cancels at `now`. Its tradie is loaded."""
    if booking.status not in CANCELLABLE:
        return it_is_over(totals.paid_cents, totals.paid_cents - totals.left_cents)
    # Where the business can't come, it isn't the customer who calls it off.
    by = policy.CANT_COME if booking.asked_to_move_at else actor
    deposit_cents = min(totals.of(PaymentKind.DEPOSIT).paid_cents, booking.deposit_cents)
    left = if_cancelled(
        booking.terms.policy,
        deposit_cents=deposit_cents,
        besides_cents=totals.paid_cents - deposit_cents,
        returned_cents=totals.paid_cents - totals.left_cents,
        starts_at=booking.starts_at,
        at=now,
        by=by,
        zone_name=booking.tradie.timezone,
    )
    return if_disputed(left, totals.taken_cents) if totals.taken_cents else left


def statement_of(
    booking: Booking, totals: Totals, *, now: datetime, starts_at: datetime | None = None
) -> list[str]:
    """What cancelling costs from now on, in words, of what has not gone back before. `starts_at`: if it moves there."""
    left_cents = totals.left_cents if totals.paid_cents else None
    return policy_statement(booking, now=now, left_cents=left_cents, starts_at=starts_at)
