"""A job that repeats for a year, at a business with 10,000 other bookings and at one with none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie
from bench.report import Report
from bench.tables import a_tradie, a_week_of_hours, fill_with_bookings
from bench.timing import Work, page, spent
from bookings import series as rules
from bookings.models import Series
from bookings.series_dates import dates_between, looked_at
from bookings.series_rule import Every
from local.testing.cast import make_booking
from peepopay.local_time import in_zone

VISITS = 52
ROUNDS = 3  # by turns
OTHERS = 10_000
AT_MOST = 1.3  # times what it takes where it is alone
WEEK = timedelta(weeks=1)


def measure(report: Report) -> None:
    settings.RATE_LIMITS = False
    alone, (busy,) = a_tradie("alone"), fill_with_bookings(1, OTHERS)
    a_week_of_hours(alone)
    a_week_of_hours(busy)
    works, others = works_of(alone), works_of(busy)
    for name, work in works.items():
        rounds = [(spent(work), spent(others[name])) for _ in range(ROUNDS)]
        least, beside = (min(times) for times in zip(*rounds, strict=True))
        report.figure(f"alone: {name}", least * 1000, "ms")
        report.figure(f"beside {OTHERS:,}: {name}", beside / least, "x", at_most=AT_MOST)


def works_of(tradie: Tradie) -> dict[str, Work]:
    """Of a series of 52 in the evenings, when there is no other job."""
    series, now = a_year_of_visits(tradie), timezone.now()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(tradie.memberships.get().user, "allauth.account.auth_backends.AuthenticationBackend")
    first = series.visits.order_by("on")[1].on
    days = dates_between(series, first, first + VISITS * WEEK)
    return {
        f"{VISITS} dates, and what is in their way": lambda: looked_at(series, days, now),
        "a visit made": undone(lambda: rules.make_visit(series, days[-1] + WEEK, now)),
        "its page": page(client, f"/dashboard/series/{series.pk}"),
        "all series": page(client, "/dashboard/series"),
        "the sweep that makes visits": lambda: rules.make_out_all(now=now),
    }


def a_year_of_visits(tradie: Tradie) -> Series:
    """Wednesdays at eight in the evening."""
    Tradie.objects.filter(pk=tradie.pk).update(closed_on_public_holidays=False)
    day = in_zone(datetime.now(UTC), tradie.timezone).replace(hour=20, minute=0, second=0, microsecond=0)
    wednesday = day + timedelta(days=(1 - day.weekday()) % 7 + 1)
    booking = make_booking(tradie.services.get(), wednesday.astimezone(UTC))
    series = rules.start_series(booking, Every.WEEK, None, now=timezone.now())
    for day_of_visit in dates_between(series, series.first_on, series.first_on + (VISITS - 1) * WEEK):
        rules.make_visit(series, day_of_visit, timezone.now())
    if series.visits.filter(booking__isnull=False).count() != VISITS:
        raise RuntimeError("something stands in the way of a visit")
    return series


def undone(work: Callable[[], object]) -> Work:
    """Taken back each time, so that the next does the same."""

    def do() -> None:
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    return do
