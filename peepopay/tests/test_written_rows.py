"""Rows whose SQL is written once are the same rows as Django's own."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.forms.models import model_to_dict

from accounts.models import Service, Tradie
from bookings.models import Actor, Booking, BookingEvent, EventKind
from local.testing.cast import make_booking
from notifications.models import MessageSettings
from payments.models import StripeEvent
from peepopay.written_rows import insert, insert_unless_there, update

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


def read(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_new_row_is_what_django_would_have_made_of_it(
    drain: Service, django_assert_num_queries: Any
) -> None:
    was = read(Booking.objects.get(pk=make_booking(drain).pk))  # with JSON, a range and relations
    Booking.objects.all().delete()
    booking = Booking(**was)
    with django_assert_num_queries(1):
        assert insert(booking) is booking
    assert not booking._state.adding
    assert read(Booking.objects.get(pk=booking.pk)) == was


def test_what_the_database_gives_by_itself_is_in_the_object_too(sam: Tradie) -> None:
    another = read(sam) | {"id": uuid.uuid4(), "slug": "another"}
    del another["allowed_sites"]
    made = insert(Tradie(**another))
    assert made.allowed_sites == []
    assert read(Tradie.objects.get(pk=made.pk)) == read(made)


def test_a_number_that_postgresql_draws_is_the_rows(drain: Service) -> None:
    booking = make_booking(drain)
    made = insert(
        BookingEvent(booking=booking, kind=EventKind.NOTED, actor=Actor.TRADIE, at=NOON, detail="Dog")
    )
    found = BookingEvent.objects.get(pk=made.pk)
    assert model_to_dict(found) == model_to_dict(made)
    assert found.detail == "Dog"


def test_what_may_not_be_there_twice_is_refused_as_by_django(drain: Service) -> None:
    booking = make_booking(drain)
    booking.refresh_from_db()
    with pytest.raises(IntegrityError, match="bookings_booking_pkey"), transaction.atomic():
        insert(Booking(**read(booking)))


def test_of_several_those_that_are_there_already_are_left_as_they_are(
    sam: Tradie, django_assert_num_queries: Any
) -> None:
    def event(number: int, kind: str) -> StripeEvent:
        return StripeEvent(id=f"evt_{number}", type=kind, created_at=NOON)

    insert_unless_there([event(1, "first")])
    with django_assert_num_queries(1):
        insert_unless_there([event(1, "second"), event(2, "second"), event(3, "second")])
    assert dict(StripeEvent.objects.order_by("id").values_list("id", "type")) == {
        "evt_1": "first",
        "evt_2": "second",
        "evt_3": "second",
    }
    with django_assert_num_queries(0):
        insert_unless_there([])


def test_columns_change_in_the_row_and_in_the_object(sam: Tradie, django_assert_num_queries: Any) -> None:
    settings = MessageSettings.objects.create(tradie=sam)
    words = {"confirmed": {"email": "Mind the dog."}}
    with django_assert_num_queries(1):
        update(settings, words=words, reminds_hours_before=False)
    assert (settings.words, settings.reminds_hours_before) == (words, False)
    assert read(MessageSettings.objects.get(pk=sam.pk)) == read(settings)
