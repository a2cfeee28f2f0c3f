"""A test booking goes all the way to the customer's mail, and leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import TimeOff
from bookings.models import Booking, BookingEvent, Posting
from bookings.rehearsal import rehearse
from local.testing.cast import make_service
from notifications.models import Message

LEFT = (Booking, BookingEvent, Message, Posting)


def left() -> list[int]:
    return [model._default_manager.count() for model in LEFT]


@pytest.mark.parametrize(
    ("more", "deposit", "about"),
    [
        ({}, 3_000, "Booked"),
        ({"deposit_kind": "none"}, 0, "Booked"),
        ({"deposit_kind": "none", "requires_approval": True}, 0, ""),
    ],
)
def test_it_works_for_every_kind_of_service_and_is_taken_back(
    more: dict[str, Any], deposit: int, about: str, sam: Tradie
) -> None:
    service, version = make_service(sam, **more), sam.calendar_version
    found = rehearse(service, now=timezone.now())
    assert found
    assert (found.deposit_cents, found.subject.startswith(about)) == (deposit, True)
    assert found.text.startswith("Hi Test Customer,")
    sam.refresh_from_db()
    assert (left(), sam.calendar_version) == ([0, 0, 0, 0], version)
    again = rehearse(service, now=timezone.now())
    assert again
    assert again.starts_at == found.starts_at


def test_without_a_free_time_there_is_none(drain: Service) -> None:
    now = timezone.now()
    TimeOff.objects.create(
        calendar=drain.tradie.calendars.get(),
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=90),
    )
    assert rehearse(drain, now=now) is None
