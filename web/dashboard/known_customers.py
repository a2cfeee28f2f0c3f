"""Customers of a business who are known by a booking of theirs, to be picked for the next quote or booking."""

from __future__ import annotations

from uuid import UUID

from accounts.models import Membership
from bookings import job_lists
from bookings.models import Booking

MOST_KNOWN = 6


def customer_of(member: Membership, booking_id: str) -> Booking | None:
    """By a booking that the address names."""
    try:
        wanted = UUID(booking_id)
    except ValueError:
        return None
    return job_lists.jobs_of(member).filter(pk=wanted, erased_at=None).first()


def customers_like(member: Membership, text: str) -> list[Booking]:
    """The latest booking of each customer that matches."""
    jobs = job_lists.found(
        job_lists.jobs_of(member).filter(erased_at=None),
        status=None,
        text=text,
        first=None,
        last=None,
        zone_name=member.tradie.timezone,
    )
    by_number: dict[str, Booking] = {}
    for booking in jobs.order_by("-starts_at")[: MOST_KNOWN * 5]:
        by_number.setdefault(booking.customer_phone, booking)
    return list(by_number.values())[:MOST_KNOWN]
