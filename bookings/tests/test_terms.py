"""The terms of a booking: made from the service once, frozen in its row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from psycopg import errors

from accounts.models import Service, Tradie
from bookings.message_context import answers_of
from bookings.models import Booking
from bookings.policy import CancellationPolicy
from bookings.terms import Question, Terms, terms_of
from local.testing.cast import make_booking, make_service, soon


@pytest.fixture
def job(sam: Tradie) -> Service:
    """Everything a service can say: an hour from $120 with $30 deposit, half an hour's drive, and a question."""
    return make_service(
        sam,
        price_from=True,
        buffer_before_minutes=15,
        buffer_after_minutes=30,
        late_fee_cents=1_000,
        questions=[{"id": "gate", "label": "Gate code?", "required": True}],
    )


def test_the_terms_are_those_of_the_service(job: Service) -> None:
    assert terms_of(job) == Terms(
        service_name="Blocked drain",
        duration_minutes=60,
        buffer_before_minutes=15,
        buffer_after_minutes=30,
        price_cents=12_000,
        price_from=True,
        deposit_cents=3_000,
        requires_approval=False,
        deposit_is="security",
        policy=CancellationPolicy(
            free_cancellation_hours=24,
            late_fee_cents=1_000,
            no_refund_hours=2,
            no_show_fee_cents=0,
            fee_basis_points=250,
        ),
        questions=(Question("gate", "Gate code?", required=True),),
    )


def test_they_read_back_from_the_row_without_the_service(
    job: Service, django_assert_num_queries: Any
) -> None:
    booking = Booking.objects.get(pk=make_booking(job).pk)
    with django_assert_num_queries(0):
        assert booking.terms == terms_of(job)


def test_a_job_that_starts_then_takes_its_length_and_buffers(sam: Tradie, job: Service) -> None:
    start = soon(sam)
    times = terms_of(job).times(start)
    assert (times["starts_at"], times["ends_at"]) == (start, start + timedelta(minutes=60))
    assert (times["period"].lower, times["period"].upper) == (
        start - timedelta(minutes=15),
        start + timedelta(minutes=90),
    )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("booking_lasts_as_agreed", {"duration_minutes": 30}),
        ("booking_keeps_the_agreed_buffers", {"buffer_before_minutes": 0}),
        ("booking_keeps_the_agreed_buffers", {"buffer_after_minutes": 31}),
    ],
)
def test_the_database_refuses_times_other_than_agreed(
    sam: Tradie, job: Service, constraint: str, fields: dict[str, int]
) -> None:
    make_booking(job, soon(sam))
    with pytest.raises(IntegrityError, match=constraint) as refused:
        Booking.objects.update(**fields)
    assert isinstance(refused.value.__cause__, errors.CheckViolation)


def test_answers_are_read_in_the_order_in_which_they_were_asked(sam: Tradie) -> None:
    """The database keeps the keys of an object by their length."""
    questions = [{"id": "which_drain", "label": "Which?"}, {"id": "gate", "label": "Gate?"}]
    booking = make_booking(
        make_service(sam, questions=questions), answers={"gate": "12", "which_drain": "Shower", "": "Old"}
    )
    booking.refresh_from_db()
    assert answers_of(booking) == [("Which?", "Shower"), ("Gate?", "12"), ("", "Old")]
