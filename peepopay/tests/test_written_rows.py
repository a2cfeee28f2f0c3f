"""Rows whose SQL is written once are the same rows as Django's own."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.forms.models import model_to_dict

from accounts.models import Service, Tradie
from bookings.models import Actor, Booking, BookingEvent, EventKind, Posting
from local.testing.cast import make_booking
from notifications.models import MessageSettings
from peepopay.written_rows import insert, insert_together, update

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


def test_rows_of_several_tables_are_one_statement(drain: Service, django_assert_num_queries: Any) -> None:
    booking = make_booking(drain)
    event = BookingEvent(booking=booking, kind=EventKind.PAID, actor=Actor.CUSTOMER, at=NOON, detail="$50")
    with django_assert_num_queries(1):
        insert_together(event, Posting(booking=booking, due_at=NOON))
    with django_assert_num_queries(1):
        insert_together(BookingEvent(booking=booking, kind=EventKind.NOTED, actor=Actor.TRADIE, at=NOON))
    told = BookingEvent.objects.filter(at=NOON).order_by("id").values_list("kind", "detail")
    assert list(told) == [("paid", "$50"), ("noted", "")]
    assert list(Posting.objects.values_list("booking", "due_at")) == [(booking.pk, NOON)]


def test_columns_change_in_the_row_and_in_the_object(sam: Tradie, django_assert_num_queries: Any) -> None:
    settings = MessageSettings.objects.create(tradie=sam)
    words = {"confirmed": {"email": "Mind the dog."}}
    with django_assert_num_queries(1):
        update(settings, words=words, reminds_hours_before=False)
    assert (settings.words, settings.reminds_hours_before) == (words, False)
    assert read(MessageSettings.objects.get(pk=sam.pk)) == read(settings)
