"""What tests of the books' pages have in common: bookings that were paid, refunded and done at moments of the past."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.models import Tradie
from bookings.actors import By
from bookings.lifecycle import mark_completed
from bookings.models import Actor, Booking
from ledger.posting import keep_books
from local.testing.cast import make_booking, make_service
from local.testing.xero_import import XeroImport
from payments.models import Payment, Refund

from .test_today_page import pay

LONG_AGO, _hours = datetime(2026, 1, 1, tzinfo=UTC), itertools.count()  # of jobs: none at the time of another
JUNE, JULY = datetime(2026, 6, 30, 13, 59, tzinfo=UTC), datetime(2026, 6, 30, 14, 1, tzinfo=UTC)


def text(response: Any) -> str:
    return response.content.decode()


def paid_booking(tradie: Tradie, at: datetime, of: dict[str, Any] | None = None, **service: Any) -> Booking:
    """Confirmed and paid then, $110 of it, and entered. `of`: columns of the booking; `service`: of its service."""
    fields = {"deposit_fixed_cents": 11_000, "price_cents": 22_000, **service}
    starts = LONG_AGO + timedelta(hours=next(_hours))
    booking = make_booking(make_service(tradie, **fields), starts, **of or {})
    booking.events.update(at=at)
    pay(booking, paid_at=at, created_at=at)
    keep_books(booking.pk)
    return booking


def refund(booking: Booking, cents: int, at: datetime) -> None:
    payment = Payment.objects.get(booking=booking)
    Refund.objects.create(
        payment=payment, amount_cents=cents, status="succeeded", reason="By hand", created_at=at, done_at=at
    )
    keep_books(booking.pk)


def done(booking: Booking, at: datetime) -> None:
    mark_completed(booking, by=By(Actor.TRADIE), now=at)
    keep_books(booking.pk)


def read(dashboard: Client, query: str) -> XeroImport:
    answer = dashboard.get(f"/dashboard/money/accountant/xero.csv?{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return XeroImport(file, {"803", "200", "260", "999"})
