"""What the bookings of some days came to, counted by the database and, beside it, one by one in Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Service, Tradie
from bookings import tallies
from bookings.models import Actor, Booking, BookingEvent, Customer, EventKind, Status
from bookings.tallies import CalledOff, Tally, Who
from local.testing.cast import at, make_booking, make_service
from peepopay.local_time import in_zone
from peepopay.periods import Period

pytestmark = pytest.mark.django_db

SYDNEY = "Australia/Sydney"
ZONES = (SYDNEY, "Australia/Perth", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland")
NOW = at("2026-10-05 12:00 +11:00")
STANDS = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
# In Sydney the clocks go back on 5 April 2026 and forward on 4 October.
CHANGES = (at("2026-04-05 03:00 +10:00"), at("2026-10-04 03:00 +11:00"))


def local(instant: datetime, zone_name: str) -> datetime:
    return in_zone(instant, zone_name)


def one_by_one(rows: list[Booking], period: Period, zone_name: str) -> list[Booking]:
    """Those that count: the plain reading of the sentence on the page."""
    return [
        row
        for row in rows
        if period.first <= local(row.starts_at, zone_name).date() < period.until
        and (row.status in STANDS or (row.status == Status.CANCELLED and row.confirmed_at))
    ]


def tally_of(rows: list[Booking]) -> Tally:
    stands = [row for row in rows if row.status in STANDS]
    return Tally(
        len(stands),
        sum(row.starts_at <= NOW for row in stands),
        sum(row.status == Status.NO_SHOW for row in rows),
        len(rows) - len(stands),
    )


@pytest.fixture
def cast(sam: Tradie) -> list[Booking]:
    """A hundred and twenty bookings, most of them about the changes of the clocks, of six people and three services."""
    chance = random.Random(7)
    services = [make_service(sam, name=name, duration_minutes=5) for name in ("Tap", "Drain", "Roof")]
    people = [
        Customer.objects.create(tradie=sam, name=name, created_at=NOW, seen_at=NOW) for name in "ABCDEF"
    ]
    quarters = chance.sample(range(-4 * 24 * 4, 4 * 24 * 4), 60)
    starts = [change + timedelta(minutes=15 * quarter) for change in CHANGES for quarter in quarters]
    statuses = [*STANDS, *STANDS, Status.CANCELLED, Status.CANCELLED, Status.DECLINED, Status.EXPIRED]
    return [made(chance, services, people, starts_at, chance.choice(statuses)) for starts_at in starts]


def made(chance: Any, services: Any, people: Any, starts_at: datetime, status: Status) -> Booking:
    ahead = timedelta(minutes=chance.choice([-300, 30, 600, 1_440, 5_000, 30_000]))
    was_confirmed = status not in (Status.DECLINED, Status.EXPIRED) and chance.random() < 0.9
    booking = make_booking(
        chance.choice(services),
        starts_at,
        status=status,
        customer=chance.choice([None, *people]),
        created_at=starts_at - ahead,
        confirmed_at=starts_at - ahead if was_confirmed else None,
        asked_to_move_at=NOW if chance.random() < 0.1 else None,
    )
    if status == Status.CANCELLED:
        actor = chance.choice([Actor.CUSTOMER, Actor.TRADIE])
        BookingEvent.objects.create(booking=booking, kind=EventKind.CANCELLED, actor=actor, at=starts_at)
    return booking


@given(
    zone_name=st.sampled_from(ZONES),
    first=st.one_of(
        st.dates(date(2026, 4, 1), date(2026, 4, 10)), st.dates(date(2026, 9, 28), date(2026, 10, 8))
    ),
    days=st.integers(1, 220),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_days_and_the_zone_they_are_counted_right(
    cast: list[Booking], sam: Tradie, zone_name: str, first: date, days: int
) -> None:
    period, jobs = Period(first, first + timedelta(days=days)), sam.bookings.all()
    rows = one_by_one(cast, period, zone_name)
    stands = [row for row in rows if row.status in STANDS]
    assert tallies.tally(jobs, period, zone_name, NOW) == tally_of(rows)
    assert tallies.by_week(jobs, period, zone_name, NOW) == [
        (week, tally_of(one_by_one(rows, week, zone_name))) for week in period.weeks()
    ]
    assert tallies.by_service(jobs, period, zone_name, NOW) == {
        service: tally_of([row for row in rows if row.service_id == service])
        for service in {row.service_id for row in rows}
    }
    assert tallies.days_ahead(jobs, period, zone_name) == Counter(
        max((local(row.starts_at, zone_name).date() - local(row.created_at, zone_name).date()).days, 0)
        for row in rows
    )
    assert tallies.by_hour(jobs, period, zone_name) == Counter(
        (there.weekday(), there.hour) for there in (local(row.starts_at, zone_name) for row in stands)
    )
    assert tallies.who_came(jobs, period, zone_name) == who_of(cast, stands, period, zone_name)
    assert tallies.called_off(jobs, period, zone_name) == who_cancelled(rows)


def who_of(all_rows: list[Booking], stands: list[Booking], period: Period, zone_name: str) -> Who:
    people = {row.customer_id for row in stands if row.customer_id}
    earlier = {
        row.customer_id
        for row in all_rows
        if row.status in STANDS and local(row.starts_at, zone_name).date() < period.first
    }
    return Who(len(people - earlier), len(people & earlier))


def who_cancelled(rows: list[Booking]) -> CalledOff:
    cancelled = [row for row in rows if row.status == Status.CANCELLED]
    by_customers = [
        row
        for row in cancelled
        if not row.asked_to_move_at and row.events.get(kind=EventKind.CANCELLED).actor == Actor.CUSTOMER
    ]
    return CalledOff(len(by_customers), len(cancelled) - len(by_customers))


def test_a_week_begins_on_monday_where_the_tradie_is(sam: Tradie, drain: Service) -> None:
    make_booking(drain, at("2026-11-01 23:30 +11:00"))
    make_booking(drain, at("2026-11-02 00:30 +11:00"))
    period = Period.of_days(date(2026, 10, 26), date(2026, 11, 8))
    weeks = tallies.by_week(sam.bookings.all(), period, SYDNEY, NOW)
    assert [(str(week), tally.jobs) for week, tally in weeks] == [
        ("26 Oct to 1 Nov 2026", 1),
        ("2 to 8 Nov 2026", 1),
    ]


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"status": Status.PENDING}, Tally()),
        ({"status": Status.REQUESTED, "confirmed_at": None}, Tally()),
        ({"status": Status.CANCELLED, "confirmed_at": None}, Tally()),  # nobody had said yes to it
        ({"status": Status.CANCELLED}, Tally(0, 0, 0, 1)),
        ({"status": Status.CONFIRMED}, Tally(1, 1, 0, 0)),
        ({"status": Status.NO_SHOW}, Tally(1, 1, 1, 0)),
    ],
)
def test_it_counts_once_it_was_confirmed(
    sam: Tradie, drain: Service, fields: dict[str, Any], counted: Tally
) -> None:
    make_booking(drain, datetime(2026, 9, 1, tzinfo=UTC), **fields)
    period = Period.of_days(date(2026, 9, 1), date(2026, 9, 1))
    assert tallies.tally(sam.bookings.all(), period, SYDNEY, NOW) == counted
