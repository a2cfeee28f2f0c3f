"""A month that is not cached, among 140,000 bookings: one statement and the sweep, against ORM and a naive loop."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median

import orjson
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts.models import Service, Tradie
from availability.public_holidays import holidays_between
from bench.report import Report
from bench.slots import timed
from bench.tables import a_week_of_hours, fill_with_bookings
from bookings.models import HOLDS_TIME
from bookings.open_slots import list_times
from peepopay.local_time import zone

ROUNDS = 5


def measure(report: Report) -> None:
    tradie = fill_with_bookings(tradies=200, each=700)[0]
    a_week_of_hours(tradie)
    service = tradie.services.get()
    now = datetime.now(UTC)
    first = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)

    def ours() -> bytes:
        return list_times(tradie.slug, service.pk, first, now, whole_month=True)[0].body

    def naive() -> list[str]:
        return naive_month(tradie, service, first, now)

    offered = [start for day in orjson.loads(ours())["days"] for start in day["starts"]]
    assert offered == naive(), "the two must agree"
    assert offered
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ours()
    rounds = [(timed(ours, 100)[0], _elapsed(ours, 100), _elapsed(naive, 10)) for _ in range(ROUNDS)]
    report.figure("queries", len(queries), "", at_most=1)
    report.figure("CPU of ours", median(r[0] for r in rounds) * 1000, "ms", at_most=1)
    report.figure("ours, with the database", median(r[1] for r in rounds) * 1000, "ms")
    report.figure("ORM and naive loop / ours", median(r[2] / r[1] for r in rounds), "x", at_least=8)


def _elapsed(work: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def naive_month(tradie: Tradie, service: Service, first: date, now: datetime) -> list[str]:
    """How one writes it first: rows by the ORM, then every step of every day against every booking."""
    tradie = Tradie.objects.get(slug=tradie.slug)
    service = tradie.services.get(pk=service.pk)
    tz = zone(tradie.timezone)
    end = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=tz) for day in (first, end))
    calendar = tradie.calendars.get()
    hours = list(calendar.working_hours.all())
    exceptions = list(calendar.date_exceptions.filter(date__gte=first, date__lt=end))
    time_off = list(calendar.time_off.filter(~Q(repeats="never") | Q(starts_at__lt=ends, ends_at__gt=begins)))
    bookings = list(
        tradie.bookings.filter(
            status__in=HOLDS_TIME, starts_at__gte=begins - timedelta(days=1), starts_at__lt=ends
        )
    )
    holidays = holidays_between(tradie.state, first.year, end.year)
    length = timedelta(minutes=service.duration_minutes)
    before = timedelta(minutes=service.buffer_before_minutes)
    after = timedelta(minutes=service.buffer_after_minutes)
    offered = []
    for number in range((end - first).days):
        day = first + timedelta(days=number)
        closed = day in holidays or any(exception.date == day for exception in exceptions)
        for minute in range(0, 0 if closed else 1440, calendar.slot_step_minutes):
            start = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=tz).astimezone(
                UTC
            )
            if (
                now + timedelta(minutes=calendar.minimum_notice_minutes) <= start
                and day <= now.astimezone(tz).date() + timedelta(days=tradie.horizon_days)
                and any(
                    h.weekday == day.weekday()
                    and h.opens_minute <= minute
                    and minute + service.duration_minutes <= h.closes_minute
                    for h in hours
                )
                and not any(off.starts_at < start + length and start < off.ends_at for off in time_off)
                and not any(
                    b.period.lower < start + length + after and start - before < b.period.upper
                    for b in bookings
                )
            ):
                offered.append(start.astimezone(tz).isoformat())
    return offered
