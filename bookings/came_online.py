"""What became of the times that customers took on the booking page."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from .models import Booking, Status

MOST_LISTED = 20


class Came(NamedTuple):
    """How many took a time (held it, or asked for it), and how many of these have or had the job."""

    taken: int
    booked: int


def came_online(jobs: QuerySet[Booking], *, since: datetime) -> Came:
    """Of `jobs`, those that their customers made themselves. One query."""
    return Came(
        **_online(jobs, since).aggregate(
            taken=Count("pk"), booked=Count("pk", filter=Q(confirmed_at__isnull=False))
        )
    )


def abandoned(jobs: QuerySet[Booking], *, since: datetime) -> QuerySet[Booking]:
    """Of these the holds that lapsed, the last first, at most MOST_LISTED: of each customer one, and none of who has
    booked since or holds another time now."""
    later = Booking.objects.filter(
        tradie=OuterRef("tradie"),
        customer_email__iexact=OuterRef("customer_email"),
        created_at__gt=OuterRef("created_at"),
    )
    rows = _online(jobs, since).filter(~Exists(later), status=Status.EXPIRED, erased_at=None)
    return rows.order_by("-created_at")[:MOST_LISTED]


def _online(jobs: QuerySet[Booking], since: datetime) -> QuerySet[Booking]:
    return jobs.filter(
        created_at__gte=since, taken_by_business=False, quote_id=None, visit=None, rebooks=None
    )
