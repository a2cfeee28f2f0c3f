"""What stays quick as the platform fills: the same pages, answers and bookings with ever more businesses and bookings,
and for a business with a past of 30,000 of its own. Runs last: it leaves the tables full."""

import itertools
import time
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import orjson
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie
from bench.report import Report
from bench.tables import a_tradie, a_week_of_hours, fill_with_bookings
from bench.timing import Work, page, spent
from bookings.details import Attempt
from bookings.models import Booking
from bookings.open_slots import list_times
from bookings.scheduling import request_booking
from local.testing.cast import JO
from payments import expiry, invariants

SIZES = (10, 1_000, 10_000)  # businesses
EACH = 100  # bookings of one
OWN_PAST = 30_000
AT_MOST = 1.3  # times what it takes at the first size


def measure(report: Report) -> None:
    settings.RATE_LIMITS = False
    already = Booking.objects.count()  # of the measures before
    one_of_them, *_ = fill_with_bookings(SIZES[0], EACH)
    a_week_of_hours(one_of_them)
    works = {"a booking": booking(), **works_of(one_of_them)}
    small = {name: spent(work) for name, work in works.items()}
    for name, seconds in small.items():
        report.figure(f"{_size(SIZES[0])}: {name}", seconds * 1000, "ms")
    for before, size in itertools.pairwise(SIZES):
        fill_with_bookings(size - before - already // EACH, EACH)
        already = 0
        for name, work in works.items():
            report.figure(f"{_size(size)}: {name}", spent(work) / small[name], "x", at_most=AT_MOST)
        _self_check(report, size)
    busy, *_ = fill_with_bookings(1, OWN_PAST)
    a_week_of_hours(busy)
    for name, work in works_of(busy).items():
        report.figure(f"{OWN_PAST:,} of one's own: {name}", spent(work) / small[name], "x")


def _size(businesses: int) -> str:
    return f"{businesses:,} businesses, {businesses * EACH:,} bookings"


def works_of(tradie: Tradie) -> dict[str, Work]:
    """What is asked over and over, for one business; in this process, so that only the product and PostgreSQL count."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(tradie.memberships.get().user, "allauth.account.auth_backends.AuthenticationBackend")
    service = tradie.services.get()
    now = datetime.now(UTC)
    month = _next_month(now.date())

    return {
        "a month's free times": lambda: list_times(tradie.slug, service.pk, month, now, whole_month=True),
        "Today": page(client, "/dashboard/"),
        "coming bookings": page(client, "/dashboard/bookings"),
        "a search": page(client, "/dashboard/bookings?q=jo"),
        "reports of a year": page(client, "/dashboard/reports?period=12-months"),
        "the sweep of holds": lambda: expiry.expire_holds(now=timezone.now()),
    }


def booking() -> Work:
    """One more booking without a deposit each time, at a business of its own that has none to begin with."""
    tradie = a_tradie("open")
    a_week_of_hours(tradie)
    service, now, numbers = tradie.services.get(), timezone.now(), itertools.count(10)
    months = (
        _next_month(now.date()),
        _next_month(_next_month(now.date())),
    )  # one has too few where it has holidays
    pages = [list_times(tradie.slug, service.pk, month, now, whole_month=True)[0] for month in months]
    days = [day for page in pages for day in orjson.loads(page.body)["days"]]
    free = iter(start for day in days for start in day["starts"][::8])  # two hours apart

    def book() -> None:
        number = next(numbers)
        somebody = replace(JO, email=f"jo{number}@example.com", phone=f"+614123456{number}")
        request_booking(
            tradie=tradie,
            service=service,
            starts_at=datetime.fromisoformat(next(free)),
            details=somebody,
            attempt=Attempt(uuid.uuid4()),
            now=timezone.now(),
        )

    return book


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _self_check(report: Report, size: int) -> None:
    began = time.perf_counter()
    found = [
        finding for finding in invariants.findings(now=timezone.now()) if finding.startswith("check failed")
    ]
    report.figure(f"{_size(size)}: check_invariants, all of it", time.perf_counter() - began, "s")
    report.figure(f"{_size(size)}: checks that ran out of time", len(found), "", at_most=0)
