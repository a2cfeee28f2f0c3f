"""A booking that its business called off is booked again: before others, at the price and on the terms of the first.

The link to it is the customer's link to the one that was called off. It makes one booking: whoever comes back finds
that one, unless its hold lapsed unpaid.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from availability.calendars import lock_calendars, mark_changed
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import in_zone

from .details import Attempt, Details
from .models import Booking
from .open_slots import Wish, open_times, require_open_slot
from .places import job_of
from .priority import may_rebook_until, rebooked
from .scheduling import insert, with_answers_for_conflicts
from .terms import Terms

ENOUGH_NOTICE = 120  # minutes, for somebody who has been let down, whatever the business asks of others
LOOKED_AHEAD = timedelta(days=28)
OVER = "This link was good for one booking, or its time is over. You can book any free time as usual."


def terms_again(booking: Booking) -> Terms:
    """Those that were agreed; who had a yes before doesn't have to ask again."""
    terms = booking.terms
    return replace(terms, requires_approval=False) if booking.confirmed_at else terms


def wish_again(booking: Booking, starts_at: datetime) -> Wish:
    """That time for the job as it was agreed, with the same person if they are free then."""
    return Wish(
        booking.tradie,
        booking.service_id,
        job_of(booking),
        starts_at,
        rather=booking.calendar_id,
        most_notice=ENOUGH_NOTICE,
    )


def times_again(booking: Booking, now: datetime, *, most: int = 12) -> list[datetime]:
    """The free times that come nearest after the one that was called off (or after now), in order. One query."""
    tradie = booking.tradie
    first = in_zone(max(now, booking.starts_at - timedelta(days=1)), tradie.timezone).date()
    last = first + LOOKED_AHEAD
    times = open_times(wish_again(booking, booking.starts_at), first, last, now)
    by_nearness = sorted(times, key=lambda time: abs(time - booking.starts_at))
    return sorted(by_nearness[:most])


def rebook(booking: Booking, starts_at: datetime, *, now: datetime) -> Booking:
    """A booking in the place of one that was called off; the same one however often, and by whatever time.

    Raises BookingNotChangeable (not by this link any more), SlotUnavailable with alternatives, ValidationFailed.
    """
    if may_rebook_until(booking, now) is None:
        raise BookingNotChangeable(OVER)
    wish = wish_again(booking, starts_at)

    def attempt_once() -> Booking:
        with transaction.atomic(durable=True):
            lock_calendars(booking.tradie_id)
            if earlier := rebooked(booking):
                return earlier
            slot = require_open_slot(wish, now)
            terms, details = terms_again(booking), Details.of(booking)
            made = insert(
                booking.service,
                terms,
                slot,
                details,
                Attempt(),
                now,
                rebooks=booking,
                customer_id=booking.customer_id,
            )
            mark_changed(booking.tradie_id)
            return made

    return with_answers_for_conflicts(attempt_once, wish, now)
