"""Everybody wants the same time at the same moment, over HTTP, against the running product.

One customer gets it, the others are told so; nobody meets an error, and PostgreSQL never has to break a deadlock.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from local.testing.cast import make_booking, soon
from local.testing.crowd import Shop, all_at_once
from local.testing.stripe_control import StripeControl
from payments import invariants

CUSTOMERS = 100
ROUNDS = 20


@pytest.fixture(scope="module")
def stack(unlimited_stack):
    return unlimited_stack


@pytest.fixture(scope="module")
def stripe(stack):
    return StripeControl(stack.stripe_url)


@pytest.fixture
def shop(stack):
    yield Shop(stack.site_url)
    assert "deadlock detected" not in (stack.logs / "postgres.log").read_text()
    assert stack.manage("check_invariants").strip().splitlines()[-1] == "0"


@pytest.mark.slow
def test_of_a_hundred_who_want_one_time_exactly_one_gets_it(shop, stripe):
    service = shop.service("Hot water service check")
    for start in shop.free_starts(service, at_least=ROUNDS * 8)[::8][:ROUNDS]:
        before = len(stripe.intents())
        answers = all_at_once([partial(shop.book, service, start, who) for who in range(CUSTOMERS)])
        assert Counter((answer.status, answer.code) for answer in answers) == {
            (201, ""): 1,
            (409, "SLOT_UNAVAILABLE"): CUSTOMERS - 1,
        }
        assert len(stripe.intents()) == before + 1
        assert all(len(a.body["alternatives"]) == 3 for a in answers if a.status == 409)


@pytest.mark.slow
def test_of_times_that_overlap_exactly_one_is_booked(shop):
    service = shop.service("Blocked drain")  # an hour, offered every half hour
    for start, next_start in pairs(shop.free_starts(service, at_least=200, after_days=30))[:5]:
        answers = all_at_once(
            [partial(shop.book, service, (start, next_start)[who % 2], who) for who in range(CUSTOMERS)]
        )
        assert Counter(answer.status for answer in answers) == {201: 1, 409: CUSTOMERS - 1}


def pairs(starts: list[str]) -> list[tuple[str, str]]:
    """Times and the ones half an hour after them, none of which touch another pair's."""
    from datetime import datetime

    times = [datetime.fromisoformat(start) for start in starts]
    return [
        (starts[number], starts[number + 1])
        for number in range(0, len(starts) - 1, 8)
        if times[number + 1] - times[number] == timedelta(minutes=30)
    ]


@pytest.mark.slow
def test_of_thirty_who_move_to_one_time_exactly_one_does_and_all_may_cancel(shop):
    service = shop.service("Free quote")
    wanted, *others = shop.free_starts(service, at_least=31, after_days=40)[:31]
    made = all_at_once([partial(shop.book, service, start, who) for who, start in enumerate(others)])
    assert {answer.status for answer in made} == {201}
    moved = all_at_once([partial(shop.change, booking, {"start": wanted}) for booking in made])
    assert Counter(answer.status for answer in moved) == {200: 1, 409: 29}
    cancelled = all_at_once([partial(shop.change, booking, {"status": "cancelled"}) for booking in made * 2])
    assert Counter((a.status, a.body.get("status")) for a in cancelled) == {(200, "cancelled"): 60}
    assert wanted in shop.free_starts(service, at_least=31, after_days=40)


@pytest.mark.slow
def test_pressing_the_button_ten_times_makes_one_booking_and_one_intent(shop, stripe):
    service, before = shop.service("Blocked drain"), len(stripe.intents())
    start = shop.free_starts(service, after_days=50)[0]
    key = str(uuid.uuid4())
    answers = all_at_once([partial(shop.book, service, start, idempotency_key=key) for _ in range(10)])
    assert Counter(answer.status for answer in answers) == {201: 10}
    assert len({answer.body["booking"]["id"] for answer in answers}) == 1
    assert len({answer.body["payment"]["client_secret"] for answer in answers}) == 1
    assert len(stripe.intents()) == before + 1


@pytest.mark.django_db
def test_the_constraint_alone_refuses_a_second_booking_of_a_time(sam, drain):
    start = soon(sam)
    make_booking(drain, start)
    for offset in (0, 30, -30, 59):
        with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
            make_booking(drain, start + timedelta(minutes=offset))
    make_booking(drain, start + timedelta(minutes=60))
    make_booking(drain, start - timedelta(minutes=60))


@pytest.mark.django_db
def test_without_the_constraint_the_self_check_finds_the_overlap(sam, drain):
    """So a 0 from `check_invariants` means something: it does not lean on the constraint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_no_overlap"
        )  # rolled back at the end
    first, second = make_booking(drain, soon(sam)), make_booking(drain, soon(sam, minute=30))
    found = invariants.overlapping_bookings(timezone.now())
    assert found == [" ".join(sorted((str(first.pk), str(second.pk))))]
