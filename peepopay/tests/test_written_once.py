"""Queries whose SQL is written once give what the queries themselves give."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import Exists, OuterRef

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import make_booking
from peepopay.written_once import Given, WrittenOnce


def services_of() -> WrittenOnce[Service]:
    return WrittenOnce(
        lambda: (
            Service.objects.select_related("tradie")
            .annotate(
                is_wanted=Exists(
                    Booking.objects.filter(service=OuterRef("pk"), price_cents__gte=Given("cents"))
                )
            )
            .filter(tradie__slug=Given("slug"), is_active=True)
            .order_by("name")
        )
    )


def test_each_time_it_goes_by_what_is_given_then(
    sam: Tradie, alex: Tradie, drain: Service, quote: Service, django_assert_num_queries: Any
) -> None:
    make_booking(drain)
    ask = services_of()
    with django_assert_num_queries(3):  # the tradie and the annotation come along
        theirs = ask(slug=sam.slug, cents=1)
        assert [(service, service.tradie, service.is_wanted) for service in theirs] == [  # type: ignore[attr-defined]
            (service, sam, service == drain) for service in sorted([drain, quote], key=lambda one: one.name)
        ]
        assert ask(slug="-", cents=1) == []
        assert not any(service.is_wanted for service in ask(slug=sam.slug, cents=10**6))  # type: ignore[attr-defined]


def test_objects_are_of_the_row_as_it_is_now_and_can_be_saved(drain: Service) -> None:
    by_id = WrittenOnce(lambda: Service.objects.filter(pk=Given("id")))
    for name in ("One", "Two"):
        found = by_id.only(id=drain.pk)
        assert found
        found.name = name
        found.save(update_fields=["name"])
    drain.refresh_from_db()
    assert drain.name == "Two"
    assert by_id.only(id=uuid.uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(drain: Service) -> None:
    locking = WrittenOnce(lambda: Service.objects.select_for_update(nowait=True).filter(pk=Given("id")))
    problems: list[str] = []

    def another() -> None:
        try:
            with transaction.atomic():
                locking(id=drain.pk)
        except Exception as problem:
            problems.append(type(problem).__name__)
        connections.close_all()

    with transaction.atomic():
        assert locking(id=drain.pk) == [drain]
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert problems == ["OperationalError"]
