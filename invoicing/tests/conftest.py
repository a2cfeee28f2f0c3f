"""A job that can be invoiced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import make_booking

from .billing import ABN, pay


@pytest.fixture
def job(drain: Service) -> Booking:
    """Sam's hour of yesterday, of which Jo has paid $30."""
    Tradie.objects.filter(pk=drain.tradie_id).update(abn=ABN)
    booking = make_booking(drain, timezone.now() - timedelta(days=1))
    pay(booking, 3_000)
    return booking
