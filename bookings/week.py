"""How full each day of a week is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from peepopay.local_time import zone

from .job_lists import day_bounds
from .models import Booking, Status

DONE_OR_TO_DO = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)


@dataclass(frozen=True)
class DayCount:
    """`height`: of its bar, 0 to 100, the busiest day of the week being 100."""

    day: date
    jobs: int
    height: int

    @property
    def top(self) -> int:
        return 100 - self.height


def week_of(jobs: QuerySet[Booking], day: date, zone_name: str) -> list[DayCount]:
    """Monday to Sunday of the week of a local date. One query."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    rows = jobs.filter(
        status__in=DONE_OR_TO_DO,
        starts_at__gte=day_bounds(days[0], zone_name)[0],
        starts_at__lt=day_bounds(days[-1], zone_name)[1],
    )
    by_day = rows.order_by().annotate(day=TruncDate("starts_at", tzinfo=zone(zone_name))).values("day")
    counts = dict(by_day.annotate(jobs=Count("pk")).values_list("day", "jobs"))
    most = max(counts.values(), default=0) or 1
    return [DayCount(day, counts.get(day, 0), counts.get(day, 0) * 100 // most) for day in days]
