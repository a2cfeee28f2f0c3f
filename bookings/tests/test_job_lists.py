"""What a tradie looks up: rows of the past that don't matter are not read, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar
from bookings import job_lists
from bookings.job_lists import Show
from bookings.models import Booking, Status
from local.testing.cast import make_booking, soon

YEARS_OF_JOBS = 4_000
LOOKED_AT = 150  # a month of jobs, what is ahead, a page
Lookup = Callable[[Tradie, datetime], object]


@pytest.fixture
def old_hand(sam: Tradie, drain: Service) -> Tradie:
    """Sam after some years: 4,000 jobs done, one left open a week ago, three ahead, two requests."""
    done = make_booking(drain, soon(sam, days=-40), status=Status.COMPLETED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL statement_timeout = 0"
        )  # so many at once take a while, and no request does that
        cursor.execute(
            """INSERT INTO bookings_booking
               SELECT (jsonb_populate_record(b, jsonb_build_object(
                   'id', gen_random_uuid(), 'reference', 'OLD-' || n, 'token_hash', 'old ' || n,
                   'starts_at', b.starts_at - n * interval '6 hours', 'ends_at', b.ends_at - n * interval '6 hours',
                   'period', tstzrange(lower(b.period) - n * interval '6 hours',
                                       upper(b.period) - n * interval '6 hours')))).*
               FROM bookings_booking b, generate_series(1, %s) n WHERE b.id = %s""",
            [YEARS_OF_JOBS, done.pk],
        )
    make_booking(drain, soon(sam, days=-7))
    for days in (1, 2, 3):
        make_booking(drain, soon(sam, days=days))
    for days in (-20, 5):
        make_booking(drain, soon(sam, days=days), status=Status.REQUESTED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking")
    return sam


def scans(plan: dict[str, Any]) -> Iterator[int]:
    """Rows that each scan of the table looked at, kept or not."""
    if "Scan" in plan["Node Type"] and not plan["Node Type"].startswith("Bitmap Index"):
        read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield int((read + plan.get("Rows Removed by Index Recheck", 0)) * plan["Actual Loops"])
    for inner in plan.get("Plans", ()):
        yield from scans(inner)


def rows_read(lookup: Lookup, tradie: Tradie, now: datetime) -> int:
    """Of the bookings, by the lookup's own statement."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = lookup(tradie, now)
        if isinstance(found, QuerySet):
            list(found[:26])
    sql = queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}".replace("%", "%%"), [])
        (answer,) = cursor.fetchone()
    explained = orjson.loads(answer) if isinstance(answer, str) else answer
    return sum(scans(explained[0]["Plan"]))


LOOKUPS: dict[str, Lookup] = {
    "next": lambda tradie, now: job_lists.next_job(tradie.bookings.all(), now),
    "today": lambda tradie, now: job_lists.jobs_today(tradie.bookings.all(), now, tradie.timezone),
    "waiting": lambda tradie, now: job_lists.waiting_for_approval(tradie.bookings.all(), now),
    "to close": lambda tradie, now: job_lists.to_close(tradie.bookings.all(), now),
    "ahead": lambda tradie, now: job_lists.ahead(tradie.bookings.all(), now),
    **{
        show.value: lambda tradie, now, show=show: job_lists.listed(tradie.bookings.all(), show, now)  # type: ignore[misc]
        for show in Show
    },
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_no_lookup_walks_through_the_past(old_hand: Tradie, name: str) -> None:
    assert rows_read(LOOKUPS[name], old_hand, timezone.now()) <= LOOKED_AT


def test_each_lookup_finds_its_own(old_hand: Tradie) -> None:
    now = timezone.now()
    ahead = [soon(old_hand, days=days) for days in (1, 2, 3)]
    asked = [soon(old_hand, days=days) for days in (-20, 5)]
    left_open = soon(old_hand, days=-7)

    def starts(rows: QuerySet[Booking]) -> list[datetime]:
        return [row.starts_at for row in rows[:3]]

    assert getattr(job_lists.next_job(old_hand.bookings.all(), now), "starts_at", None) == ahead[0]
    assert starts(job_lists.waiting_for_approval(old_hand.bookings.all(), now)) == asked[1:]
    assert starts(job_lists.to_close(old_hand.bookings.all(), now)) == [left_open]
    assert starts(job_lists.ahead(old_hand.bookings.all(), now)) == ahead
    assert starts(job_lists.listed(old_hand.bookings.all(), Show.UPCOMING, now)) == ahead
    assert starts(job_lists.listed(old_hand.bookings.all(), Show.ACTION, now)) == [
        asked[0],
        left_open,
        asked[1],
    ]
    assert starts(job_lists.listed(old_hand.bookings.all(), Show.PAST, now))[:2] == [left_open, asked[0]]


def test_the_longest_job_is_still_the_next_one_in_its_last_minute(sam: Tradie, drain: Service) -> None:
    drain.duration_minutes = int(job_lists.LONGEST_JOB.total_seconds()) // 60
    drain.save()
    job = make_booking(drain, soon(sam, days=1, hour=7))
    last_minute = job.ends_at - timedelta(minutes=1)
    assert job_lists.next_job(sam.bookings.all(), last_minute) == job
    assert list(job_lists.ahead(sam.bookings.all(), last_minute)) == [job]
    assert not job_lists.ahead(sam.bookings.all(), job.ends_at).exists()
    assert list(
        job_lists.to_close(sam.bookings.all(), job.ends_at + job_lists.OVERDUE_FOR - timedelta(minutes=1))
    ) == [job]


@pytest.mark.parametrize("show", [Show.ALL, Show.UPCOMING])
def test_a_long_list_is_read_in_its_order_piece_by_piece(
    show: Show, sam: Tradie, drain: Service, van: Calendar, django_assert_num_queries: Any
) -> None:
    for days in (1, 2, 3):
        for calendar in sam.calendars.all():  # two begin at the same time
            make_booking(drain, soon(sam, days=days), calendar=calendar)
    rows = job_lists.listed(sam.bookings.all(), show, timezone.now())
    everything = list(rows.all())
    for at_once, pieces in {1: 7, 2: 4, 4: 2, 6: 2, 7: 1}.items():
        with django_assert_num_queries(2 * pieces - (6 % at_once == 0)):  # an empty piece has no payments
            assert list(job_lists.each(rows, at_once=at_once)) == everything
