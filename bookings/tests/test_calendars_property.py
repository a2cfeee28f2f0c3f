"""What is listed can be booked and what is not can't, whoever works when: through the database, as customers do it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Service, Tradie
from availability.models import Calendar, TimeOff, WorkingHours
from bookings.models import Booking
from bookings.open_slots import list_times
from bookings.scheduling import Attempt, request_booking
from local.testing.cast import JO, make_service, make_tradie
from payments.invariants import overlapping_bookings
from peepopay.errors import SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, zone

SYDNEY = "Australia/Sydney"
DAYS_AHEAD = 3

half_hours = st.integers(14, 28).map(lambda n: n * 30)  # 7:00 to 14:00
opening = st.tuples(half_hours, st.sampled_from([240, 180, 90, 60, 30])).map(lambda o: (o[0], o[0] + o[1]))


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, Any]:
    """What one person or van is like."""
    return {
        "hours": draw(st.lists(opening, min_size=1, max_size=2)),
        "time_off": draw(st.sampled_from([None, None, (600, 660), (540, 750)])),
        "does_it": draw(st.sampled_from([False, False, False, True])),
        "slot_step_minutes": draw(st.sampled_from([30, 15])),
        "max_bookings_per_day": draw(st.sampled_from([None, None, None, 3, 2, 1])),
        "is_active": draw(st.sampled_from([True, True, True, True, False])),
    }


def make_business(rows: list[dict[str, Any]]) -> Service:
    """A service with a buffer, and the calendars that may do it."""
    tradie = make_tradie(customers_choose_who=True)
    tradie.calendars.all().delete()
    service = make_service(tradie, deposit_kind="none", duration_minutes=45, buffer_after_minutes=15)
    for position, row in enumerate(rows):
        kept = {name: row[name] for name in ("slot_step_minutes", "max_bookings_per_day", "is_active")}
        calendar = Calendar.objects.create(tradie=tradie, name=f"Van {position}", position=position, **kept)
        if row["does_it"]:
            calendar.services.add(service)
        add_hours(calendar, row["hours"])
        if row["time_off"]:
            starts, ends = (at_minute(minute) for minute in row["time_off"])
            TimeOff.objects.create(calendar=calendar, starts_at=starts, ends_at=ends)
    return service


def add_hours(calendar: Calendar, ranges: list[tuple[int, int]]) -> None:
    taken_until = 0
    for opens, closes in sorted(ranges):
        if opens >= taken_until:
            WorkingHours.objects.create(
                calendar=calendar, weekday=the_day().weekday(), opens_minute=opens, closes_minute=closes
            )
            taken_until = closes


def the_day() -> date:
    return in_zone(timezone.now(), SYDNEY).date() + timedelta(days=DAYS_AHEAD)


def at_minute(minute: int) -> datetime:
    return datetime.combine(the_day(), time(minute // 60, minute % 60), zone(SYDNEY))


def listed(service: Service, calendar: Calendar | None = None) -> list[datetime]:
    """The times that customers see, of any calendar or of the one that they ask for."""
    now, calendar_id = timezone.now(), calendar.pk if calendar else None
    try:
        listing, _ = list_times(service.tradie.slug, service.pk, the_day(), now, calendar_id=calendar_id)
    except ValidationFailed:
        return []  # that one can't be asked for
    return [datetime.fromisoformat(slot["start"]) for slot in orjson.loads(listing.body)["slots"]]


def book(service: Service, start: datetime, calendar: Calendar | None = None) -> Booking | None:
    """None: refused."""
    try:
        return request_booking(
            tradie=service.tradie,
            service=service,
            starts_at=start,
            details=JO,
            attempt=Attempt(),
            now=timezone.now(),
            calendar_id=calendar.pk if calendar else None,
        )
    except (SlotUnavailable, ValidationFailed):
        return None


@pytest.fixture
def without_limits(settings: Any) -> None:
    """Here one customer books the whole day."""
    settings.RATE_LIMITS = False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 2, 5])
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(data=st.data())
def test_a_day_fills_up_with_what_is_listed_and_nothing_else(
    without_limits: None, data: st.DataObject, number: int
) -> None:
    service = make_business(data.draw(st.lists(calendars(), min_size=number, max_size=number)))
    tradie = service.tradie
    crew = list(tradie.calendars.all())
    every_time = [at_minute(minute) for minute in range(6 * 60, 18 * 60, 15)]
    made: list[Booking] = []
    while free := listed(service):
        assert free == sorted({start for calendar in crew for start in listed(service, calendar)})
        asked = data.draw(st.sampled_from([None, *crew]))
        start = data.draw(st.sampled_from(free) | st.sampled_from(every_time))
        can_be_booked = start in listed(service, asked)
        booking = book(service, start, asked)
        assert bool(booking) == can_be_booked, (start, asked)
        made += [booking] if booking else []
    assert not any(book(service, start) for start in every_time)
    require_all_is_well(tradie, made)


def require_all_is_well(tradie: Tradie, made: list[Booking]) -> None:
    assert overlapping_bookings(timezone.now()) == []
    named = set(tradie.services.get().calendars.all())
    jobs = Counter(booking.calendar for booking in made)
    for calendar, count in jobs.items():
        assert calendar.is_active
        assert not named or calendar in named
        assert count <= (calendar.max_bookings_per_day or count)
