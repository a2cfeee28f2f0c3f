"""A plumber with one time to sell, and people who wait for it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.calendars import lock_calendars
from availability.hours import replace_week
from availability.models import DateException
from bookings.actors import SYSTEM
from bookings.lifecycle import release_booking
from bookings.models import HOLDS_TIME, Booking, Status, Waiter
from bookings.waitlist import join

from .cast import make_booking, soon


def ten(tradie: Tradie, *, days: int = 1) -> datetime:
    """Ten in the morning, some days from now: people are up."""
    return soon(tradie, days=days, hour=10)


def day_of(tradie: Tradie, *, days: int = 5) -> date:
    return soon(tradie, days=days).date()


@pytest.fixture
def fully_booked(sam: Tradie, quote: Service) -> Booking:
    """Sam works one half hour in all, in five days at nine, and that is taken."""
    sam.has_waitlist = True
    sam.save()
    calendar = sam.calendars.get()
    replace_week(calendar, {})
    DateException.objects.create(
        calendar=calendar, date=day_of(sam), opens_minute=9 * 60, closes_minute=9 * 60 + 30
    )
    return make_booking(quote, soon(sam, days=5, hour=9), customer_phone="+61400999888")


def waits(
    service: Service, number: int = 0, *, day: date | None = None, now: datetime | None = None
) -> Waiter:
    found, _ = join(
        Service.objects.select_related("tradie").get(pk=service.pk),
        name=f"Waiter {number}",
        phone=f"+614{12_000_000 + number}",
        email=f"waiter{number}@example.com",
        day=day,
        now=now or timezone.now(),
    )
    return found


@transaction.atomic
def cancel(booking: Booking) -> None:
    lock_calendars(booking.tradie_id)
    assert release_booking(booking, Status.CANCELLED, by=SYSTEM, now=timezone.now())


def offers() -> list[Booking]:
    return list(Booking.objects.filter(waiter__isnull=False, status__in=HOLDS_TIME))
