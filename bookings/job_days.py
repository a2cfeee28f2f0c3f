"""Bookings under the local date on which they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from peepopay.local_time import in_zone, zone

from .job_lists import day_bounds
from .models import Booking, Status
from .week import DONE_OR_TO_DO

Counts = Counter[tuple[date, str]]  # by day and status


@dataclass(frozen=True)
class JobDay:
    """`jobs`, `requests`: how many the whole day has, also where it goes on on another page."""

    day: date
    bookings: list[Booking]
    jobs: int
    requests: int


def by_day(page: Sequence[Booking], rows: QuerySet[Booking], zone_name: str) -> list[JobDay]:
    """A page of `rows`, in its order. One query, none for an empty page."""
    if not page:
        return []
    days = [
        (day, list(jobs))
        for day, jobs in groupby(page, lambda booking: in_zone(booking.starts_at, zone_name).date())
    ]
    counts: Counts = Counter((day, booking.status) for day, jobs in days for booking in jobs)
    counts |= _whole(rows, {days[0][0], days[-1][0]}, zone_name)  # the page may begin or end within these
    return [
        JobDay(
            day,
            jobs,
            sum(counts[day, status] for status in DONE_OR_TO_DO),
            counts[day, Status.REQUESTED],
        )
        for day, jobs in days
    ]


def _whole(rows: QuerySet[Booking], days: set[date], zone_name: str) -> Counts:
    within = Q()
    for day in days:
        begins, ends = day_bounds(day, zone_name)
        within |= Q(starts_at__gte=begins, starts_at__lt=ends)
    by_status = (
        rows.filter(within)
        .order_by()
        .prefetch_related(None)
        .annotate(day=TruncDate("starts_at", tzinfo=zone(zone_name)))
    )
    counted = by_status.values_list("day", "status").annotate(jobs=Count("pk"))
    return Counter({(day, status): jobs for day, status, jobs in counted})
