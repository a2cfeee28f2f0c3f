"""What the bookings of some days came to: counted by week, by service, by hour, and by how far ahead they were made.

A booking counts on the day of its job, once it was confirmed. Every function starts from `jobs`, those that this person
may see, and counts in the database; local weeks, days and hours are those of `zone_name`.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate, TruncWeek

from peepopay.local_time import zone
from peepopay.periods import Period

from .models import Actor, Booking, BookingEvent, EventKind, Status
from .week import DONE_OR_TO_DO

STANDS = Q(status__in=DONE_OR_TO_DO)
CALLED_OFF = Q(status=Status.CANCELLED, confirmed_at__isnull=False)
EVER_BOOKED = STANDS | CALLED_OFF


class Tally(NamedTuple):
    """How many jobs stand, how many of them have begun, to how many of those nobody was there; and how many bookings
    were cancelled."""

    jobs: int = 0
    begun: int = 0
    no_shows: int = 0
    cancelled: int = 0

    @property
    def bookings(self) -> int:
        return self.jobs + self.cancelled


def total(tallies: Iterable[Tally]) -> Tally:
    """Of all of them together."""
    return Tally(*(sum(column) for column in zip(Tally(), *tallies, strict=True)))


class Who(NamedTuple):
    """How many people had a job, by whether they had had one before those days."""

    new: int
    returning: int


class CalledOff(NamedTuple):
    by_customers: int
    by_business: int


def in_period(jobs: QuerySet[Booking], period: Period, zone_name: str) -> QuerySet[Booking]:
    since, until = period.bounds(zone_name)
    return jobs.filter(EVER_BOOKED, starts_at__gte=since, starts_at__lt=until).order_by()


def tally(jobs: QuerySet[Booking], period: Period, zone_name: str, now: datetime) -> Tally:
    """One query."""
    return Tally(**in_period(jobs, period, zone_name).aggregate(**_counts(now)))


def by_week(
    jobs: QuerySet[Booking], period: Period, zone_name: str, now: datetime
) -> list[tuple[Period, Tally]]:
    """Every week that it touches. One query."""
    weeks = TruncWeek("starts_at", tzinfo=zone(zone_name))
    rows = in_period(jobs, period, zone_name).values(week=weeks).annotate(**_counts(now))
    found = {week.date(): Tally(*counts) for week, *counts in rows.values_list("week", *Tally._fields)}
    return [(week, found.get(week.monday, Tally())) for week in period.weeks()]


def by_service(
    jobs: QuerySet[Booking], period: Period, zone_name: str, now: datetime
) -> dict[uuid.UUID, Tally]:
    """Of those that were booked. One query."""
    rows = in_period(jobs, period, zone_name).values("service_id").annotate(**_counts(now))
    found = rows.values_list("service_id", *Tally._fields)
    return {service: Tally(*counts) for service, *counts in found}


def days_ahead(jobs: QuerySet[Booking], period: Period, zone_name: str) -> Counter[int]:
    """How many bookings were made how many local days before their job. One query."""
    at = zone(zone_name)
    ahead = TruncDate("starts_at", tzinfo=at) - TruncDate("created_at", tzinfo=at)
    rows = in_period(jobs, period, zone_name).values(ahead=ahead).annotate(bookings=Count("pk"))
    found: Counter[int] = Counter()
    for row in rows:  # what was written down afterwards was not booked ahead at all
        found[max(row["ahead"].days, 0)] += row["bookings"]
    return found


def by_hour(jobs: QuerySet[Booking], period: Period, zone_name: str) -> Counter[tuple[int, int]]:
    """How many jobs begin in which hour of which weekday, 0 being Monday. One query."""
    at = zone(zone_name)
    rows = in_period(jobs, period, zone_name).filter(STANDS)
    hours = rows.values(
        day=ExtractIsoWeekDay("starts_at", tzinfo=at), hour=ExtractHour("starts_at", tzinfo=at)
    )
    found = hours.annotate(jobs=Count("pk")).values_list("day", "hour", "jobs")
    return Counter({(day - 1, hour): count for day, hour, count in found})


def who_came(jobs: QuerySet[Booking], period: Period, zone_name: str) -> Who:
    """Of those who are known still. One query."""
    since, _ = period.bounds(zone_name)
    earlier = jobs.filter(STANDS, customer=OuterRef("customer"), starts_at__lt=since)
    rows = in_period(jobs, period, zone_name).filter(STANDS, customer__isnull=False)
    people = rows.values("customer").distinct().annotate(was_here=Exists(earlier))
    known = Counter(was_here for _, was_here in people.values_list("customer", "was_here"))
    return Who(known[False], known[True])


def called_off(jobs: QuerySet[Booking], period: Period, zone_name: str) -> CalledOff:
    """Who cancelled; a customer whose business couldn't come did it in its place. One query."""
    rows = in_period(jobs, period, zone_name).filter(CALLED_OFF)
    by_customer = Q(actor=Actor.CUSTOMER, booking__asked_to_move_at=None)
    events = BookingEvent.objects.filter(kind=EventKind.CANCELLED, booking__in=rows)
    counts = events.aggregate(all=Count("booking"), by_customers=Count("booking", filter=by_customer))
    return CalledOff(counts["by_customers"], counts["all"] - counts["by_customers"])


def _counts(now: datetime) -> dict[str, Any]:
    return {
        "jobs": Count("pk", filter=STANDS),
        "begun": Count("pk", filter=STANDS & Q(starts_at__lte=now)),
        "no_shows": Count("pk", filter=Q(status=Status.NO_SHOW)),
        "cancelled": Count("pk", filter=CALLED_OFF),
    }
