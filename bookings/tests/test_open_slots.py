"""Whether a time can be booked, and what else to offer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar, TimeOff
from bookings import slot_inputs
from bookings.open_slots import Wish, nearest_open, require_open_slot
from bookings.terms import terms_of
from local.testing.cast import make_booking, make_service, make_tradie, soon
from peepopay.errors import SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone


def wish(service: Service, starts_at: datetime, **more: Any) -> Wish:
    return Wish(service.tradie, service.pk, terms_of(service).job, starts_at, **more)


def test_a_free_time_gives_the_period_of_the_job(sam: Tradie, drain: Service) -> None:
    start = soon(sam, days=3, hour=9)
    slot = require_open_slot(wish(drain, start), timezone.now())
    assert (slot.starts, slot.ends) == (start, start + timedelta(hours=1))
    assert slot.starts.tzinfo is UTC


def test_a_taken_time_offers_the_three_nearest_in_order(sam: Tradie, drain: Service) -> None:
    start = soon(sam, days=3, hour=9)
    make_booking(drain, start)
    with pytest.raises(SlotUnavailable) as refused:
        require_open_slot(wish(drain, start), timezone.now())
    nearest = refused.value.alternatives
    assert [slot.starts for slot in nearest] == [start + timedelta(minutes=m) for m in (-90, -60, 60)]
    assert [slot.ends - slot.starts for slot in nearest] == [timedelta(hours=1)] * 3
    assert nearest[0].starts.isoformat() == (start - timedelta(minutes=90)).isoformat()


def test_alternatives_are_found_weeks_ahead(sam: Tradie, drain: Service) -> None:
    start = soon(sam, days=3, hour=9)
    TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=timezone.now(), ends_at=soon(sam, days=40, hour=14, minute=30)
    )
    with pytest.raises(SlotUnavailable) as refused:
        require_open_slot(wish(drain, start), timezone.now())
    assert [slot.starts for slot in refused.value.alternatives] == [
        soon(sam, days=days, hour=hour, minute=minute)
        for days, hour, minute in ((40, 14, 30), (40, 15, 0), (41, 7, 0))
    ]


def test_no_alternatives_where_nothing_is_free(sam: Tradie, drain: Service) -> None:
    TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=timezone.now(), ends_at=soon(sam, days=400)
    )
    assert nearest_open(wish(drain, soon(sam)), timezone.now()) == []


def test_a_booking_does_not_stand_in_its_own_way(sam: Tradie, drain: Service) -> None:
    booking = make_booking(drain, soon(sam, days=3, hour=9))
    half_an_hour_later = soon(sam, days=3, hour=9, minute=30)
    require_open_slot(wish(drain, half_an_hour_later, ignoring=booking.pk), timezone.now())
    with pytest.raises(SlotUnavailable):
        require_open_slot(wish(drain, half_an_hour_later), timezone.now())


@pytest.mark.parametrize(
    ("days", "hour", "minute", "sentence"),
    [
        (-1, 9, 0, "That time has passed. Please choose a later one."),
        (61, 9, 0, "That's too far ahead. Sam's Plumbing takes bookings up to 60 days ahead."),
        (3, 3, 0, "That's outside the working hours of Sam's Plumbing. Please choose another time."),
        (3, 15, 30, "That's outside the working hours of Sam's Plumbing. Please choose another time."),
        (3, 9, 10, "That isn't one of the times on offer. Please choose one from the list."),
    ],
)
def test_a_time_never_on_offer_is_refused_with_a_sentence(
    sam: Tradie, drain: Service, days: int, hour: int, minute: int, sentence: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        require_open_slot(wish(drain, soon(sam, days=days, hour=hour, minute=minute)), timezone.now())
    assert refused.value.fields == {"start": [sentence]}


@pytest.mark.parametrize("start", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_absurd_times_are_refused_without_a_query(
    sam: Tradie, drain: Service, start: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0), pytest.raises(ValidationFailed):
        require_open_slot(wish(drain, start), timezone.now())


def test_minimum_notice_is_kept(sam: Tradie, drain: Service) -> None:
    Calendar.objects.update(minimum_notice_minutes=5 * 24 * 60)
    sam.refresh_from_db()
    with pytest.raises(ValidationFailed, match="too soon"):
        require_open_slot(wish(drain, soon(sam, days=3)), timezone.now())


def test_the_check_costs_one_query_and_a_refusal_no_more(
    sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    start = soon(sam, days=3, hour=9)
    with django_assert_num_queries(1):
        require_open_slot(wish(drain, start), timezone.now())
    make_booking(drain, start)
    with django_assert_num_queries(1), pytest.raises(SlotUnavailable):
        require_open_slot(wish(drain, start), timezone.now())


def test_only_the_tradies_own_bookings_of_the_time_are_read(sam: Tradie) -> None:
    """Through an index on calendar and period: otherwise a busy platform slows every tradie's calendar."""
    service = make_service(sam)
    for _ in range(3):
        other = make_service(make_tradie())
        for hour in range(24):
            make_booking(other, datetime(2027, 3, 1, hour, tzinfo=UTC))
    now = datetime(2027, 3, 1, tzinfo=UTC)
    day = in_zone(now, sam.timezone).date()
    asked = slot_inputs.parameters(sam.slug, service.pk, day, day + timedelta(days=30), now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking")
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is too small for an index to pay
        cursor.execute(f"EXPLAIN {slot_inputs.SQL}", asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "booking_no_overlap on bookings_booking" in plan, plan
    assert "Index Cond: ((calendar_id = c.id) AND (period && " in plan, plan
