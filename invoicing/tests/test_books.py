"""Money that came without Stripe is in the books; undone, it is reversed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.models import Actor, Booking, Status
from invoicing.invoice_models import How, Receipt
from invoicing.invoices import issue_invoice
from invoicing.line_items import Line
from ledger.models import Entry, Journal
from ledger.posting import keep_books
from local.testing.cast import make_booking
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(drain: Service) -> Receipt:
    """$110 in cash for a job that is done."""
    booking = make_booking(drain, timezone.now() - timedelta(days=400))
    now = timezone.now()
    return Receipt.objects.create(
        booking=booking,
        how=How.CASH,
        amount_cents=11_000,
        received_on=in_zone(now, booking.tradie.timezone).date(),
        recorded_at=now,
        client_key=uuid4(),
    )


def books() -> dict[str, int]:
    found: Counter[str] = Counter()
    for account, cents in Entry.objects.values_list("account", "cents"):
        found[account] += cents
    return {account: cents for account, cents in found.items() if cents}


def test_cash_is_taxed_when_it_comes_and_earned_when_the_job_is_done(receipt: Receipt) -> None:
    keep_books(receipt.booking_id)
    assert books() == {"bank": 11_000, "deposits": -10_000, "gst": -1_000}
    Booking.objects.update(status=Status.COMPLETED)
    keep_books(receipt.booking_id)
    assert books() == {"bank": 11_000, "sales": -10_000, "gst": -1_000}


def test_cash_that_was_written_down_by_mistake_is_reversed(receipt: Receipt) -> None:
    keep_books(receipt.booking_id)
    Receipt.objects.update(undone_at=timezone.now())
    keep_books(receipt.booking_id)
    assert books() == {}
    assert Journal.objects.filter(kind="reversed").count() == 1


def test_what_is_handed_back_is_a_refund_and_takes_its_gst_along(receipt: Receipt) -> None:
    Booking.objects.update(status=Status.COMPLETED)
    keep_books(receipt.booking_id)
    Receipt.objects.create(
        booking=receipt.booking,
        how=How.CASH,
        amount_cents=2_200,
        is_given_back=True,
        received_on=receipt.received_on,
        recorded_at=timezone.now(),
        client_key=uuid4(),
    )
    keep_books(receipt.booking_id)
    assert books() == {"bank": 8_800, "sales": -10_000, "refunds": 2_000, "gst": -800}
    assert Journal.objects.filter(kind="refund").count() == 1


def test_what_was_written_down_later_is_in_the_month_in_which_it_came(receipt: Receipt) -> None:
    came_on = receipt.received_on - timedelta(days=60)
    Receipt.objects.update(received_on=came_on)
    keep_books(receipt.booking_id)
    cash = Journal.objects.get(kind="cash")
    assert in_zone(cash.at, receipt.booking.tradie.timezone).date() == came_on


def test_what_was_invoiced_free_of_gst_carries_none(receipt: Receipt) -> None:
    """$55 of $110: the books say what the invoice does."""
    Tradie.objects.update(gst_registered=True, abn="51824753556")
    booking = Booking.objects.select_related("tradie").get()
    Booking.objects.update(status=Status.COMPLETED)
    booking.refresh_from_db()
    lines = [Line("Labour", Decimal(1), 5_500), Line("Smoke alarm", Decimal(1), 5_500, is_gst_free=True)]
    invoice = issue_invoice(booking, lines, key=uuid4(), by=By(Actor.TRADIE), now=timezone.now())
    keep_books(booking.pk)
    assert books() == {"bank": 11_000, "sales": -10_500, "gst": -invoice.gst_cents}
