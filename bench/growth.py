"""What stays quick as the platform fills: the same pages and answers at 1,000, 100,000 and 1,000,000 bookings, and for
a business with a past of 30,000 of its own. Runs last: it leaves the tables full."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, User
from accounts.people import add_member
from accounts.roles import Role
from bench.report import Report
from bench.tables import a_week_of_hours, fill_with_bookings
from bookings.models import Booking
from bookings.open_slots import list_times
from payments import expiry, invariants

SIZES = (1_000, 100_000, 1_000_000)
EACH = 500  # bookings of one business
OWN_PAST = 30_000
ROUNDS = 15
AT_MOST = 1.3  # times what it takes at the first size
Work = Callable[[], object]


def measure(report: Report) -> None:
    settings.RATE_LIMITS = False
    already = Booking.objects.count()  # of the measures before
    fill_with_bookings(tradies=SIZES[0] // EACH, each=EACH)
    works = works_of(_open_for_business(Tradie.objects.filter(slug__startswith="busy").latest("created_at")))
    small = {name: _spent(work) for name, work in works.items()}
    for name, seconds in small.items():
        report.figure(f"{SIZES[0]:,} bookings: {name}", seconds * 1000, "ms")
    for size in SIZES[1:]:
        missing = size - max(Booking.objects.count(), already)
        fill_with_bookings(tradies=missing // EACH, each=EACH)
        for name, work in works.items():
            report.figure(f"{size:,}: {name}", _spent(work) / small[name], "x", at_most=AT_MOST)
        _self_check(report, size)
    fill_with_bookings(tradies=1, each=OWN_PAST)
    for name, work in works_of(_open_for_business(Tradie.objects.latest("created_at"))).items():
        report.figure(f"{OWN_PAST:,} of one's own: {name}", _spent(work) / small[name], "x")


def _open_for_business(tradie: Tradie) -> Tradie:
    a_week_of_hours(tradie)
    owner = User.objects.create(email=f"owner@{tradie.slug}.example.com", name="Sam")
    add_member(tradie, owner, Role.OWNER)
    return tradie


def works_of(tradie: Tradie) -> dict[str, Work]:
    """What is asked over and over, for one business; in this process, so that only the product and PostgreSQL count."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(tradie.memberships.get().user, "allauth.account.auth_backends.AuthenticationBackend")
    service = tradie.services.get()
    now = datetime.now(UTC)
    month = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)

    def page(path: str) -> Work:
        def read() -> None:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answers {answer.status_code}")

        return read

    return {
        "a month's free times": lambda: list_times(tradie.slug, service.pk, month, now, whole_month=True),
        "Today": page("/dashboard/"),
        "coming bookings": page("/dashboard/bookings"),
        "a search": page("/dashboard/bookings?q=jo"),
        "the sweep of holds": lambda: expiry.expire_holds(now=timezone.now()),
    }


def _spent(work: Work) -> float:
    """Seconds, the database included: the least of many, since others compute here too. The first times warm it."""
    for _ in range(3):
        work()
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _self_check(report: Report, size: int) -> None:
    began = time.perf_counter()
    found = [
        finding for finding in invariants.findings(now=timezone.now()) if finding.startswith("check failed")
    ]
    report.figure(f"{size:,}: check_invariants, all of it", time.perf_counter() - began, "s")
    report.figure(f"{size:,}: checks that ran out of time", len(found), "", at_most=0)
