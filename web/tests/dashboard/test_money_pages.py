"""Money: a month, a year, and whose it is."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, User
from ledger.chart import Account
from ledger.models import JournalKind
from ledger.posting import enter_stripes_own
from local.testing.cast import owner_of
from peepopay.local_time import in_zone

from .money import JULY, JUNE, done, paid_booking, read, refund, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def test_before_any_money_it_says_what_will_be_here(dashboard: Client) -> None:
    page = text(dashboard.get("/dashboard/money"))
    assert "As soon as a customer pays a deposit you see here" in page


def test_a_month_says_what_came_in_what_went_off_and_what_is_held(dashboard: Client, sam: Tradie) -> None:
    now = timezone.now()
    booking = paid_booking(sam, now)
    refund(booking, 1_000, now)
    page = text(dashboard.get("/dashboard/money"))
    assert "<dt>Received</dt><dd>$110.00</dd>" in page
    assert "<dt>Refunded</dt><dd>-$10.00</dd>" in page
    assert "<dt>Customers’ money held now</dt><dd>$100.00</dd>" in page
    assert booking.reference in page


def test_a_month_ends_at_midnight_of_the_tradies_clock(dashboard: Client, sam: Tradie) -> None:
    paid_booking(sam, JUNE)
    later = paid_booking(sam, JULY)
    done(later, JULY + timedelta(hours=3))
    june, july = (
        dashboard.get("/dashboard/money?month=2026-06"),
        dashboard.get("/dashboard/money?month=2026-07"),
    )
    assert june.context["figures"].received_cents == july.context["figures"].received_cents == 11_000
    assert (june.context["figures"].gst_cents, july.context["figures"].gst_cents) == (0, 1_000)
    assert (june.context["held"].customers_cents, july.context["held"].customers_cents) == (11_000, 11_000)
    assert "Other months" in text(june)


def test_the_financial_year_begins_in_july(dashboard: Client, sam: Tradie) -> None:
    paid_booking(sam, JUNE)
    paid_booking(sam, JULY)
    page = dashboard.get("/dashboard/money/year?starts=2026")
    assert [bar.month.figures.received_cents for bar in page.context["months"]] == [11_000, *[0] * 11]
    assert "Financial year 2026–27" in text(page)
    page = dashboard.get("/dashboard/money/year?starts=2026&by=calendar")
    assert page.context["figures"].received_cents == 22_000
    assert text(page).count("<tr>") == 13


def test_a_year_is_a_file_month_by_month(dashboard: Client, sam: Tradie) -> None:
    paid_booking(sam, JUNE)
    july = paid_booking(sam, JULY)
    done(july, JULY + timedelta(hours=3))
    refund(july, 1_100, JULY + timedelta(hours=4))
    fees = {Account.STRIPE_FEES: 217, Account.PEEPOPAY_FEES: 110, Account.STRIPE: -327}
    enter_stripes_own(sam.pk, "txn_1", JournalKind.FEES, JULY, fees, booking_id=july.pk)
    page = dashboard.get("/dashboard/money/year?starts=2026")
    assert "/dashboard/money/year.csv?starts=2026" in text(page)
    answer = dashboard.get("/dashboard/money/year.csv?starts=2026")
    assert answer["Content-Disposition"] == 'attachment; filename="money-2026-07-to-2027-06.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")), strict=True))
    assert [row["Month"] for row in rows] == [
        *(f"2026-{month:02}" for month in range(7, 13)),
        *(f"2027-{month:02}" for month in range(1, 7)),
        "All",
    ]
    assert rows[0] == {
        "Month": "2026-07",
        "Deposits": "110.00",
        "Received in all": "110.00",
        "Refunded": "-11.00",
        "Taken by banks in disputes": "0.00",
        "Stripe's fees": "-2.17",
        "PeepoPay's fees": "-1.10",
        "Net": "95.73",
        "Paid out to your bank": "0.00",
        "Earned, without GST": "90.00",
        "GST that fell due": "9.00",
    }
    assert {**rows[-1], "Month": "2026-07"} == rows[0]
    assert set(rows[1].values()) == {"2026-08", "0.00"}


def test_whatever_stands_in_the_address_a_page_comes(dashboard: Client) -> None:
    for query in ("month=2026-13", "month=x", "starts=99999", "starts=19", "by=moon", "month=", "page=-1"):
        for page in (
            "money",
            "money/year",
            "money/year.csv",
            "money/accountant",
            "money/accountant/xero.csv",
        ):
            assert dashboard.get(f"/dashboard/{page}?{query}").status_code == 200


def test_it_takes_as_many_queries_for_three_as_for_one(
    dashboard: Client, sam: Tradie, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    month = f"{in_zone(now, sam.timezone):%Y-%m}"
    counts = {f"money?month={month}": 7, "money/year": 4, "money/accountant": 3}
    for count in (1, 2):
        for _ in range(count):
            paid_booking(sam, now)
        for page, queries in counts.items():
            with django_assert_num_queries(queries):
                dashboard.get(f"/dashboard/{page}")
        with django_assert_num_queries(5):
            read(dashboard, f"month={month}")


def test_the_office_does_not_see_the_money(client: Client, kim: User) -> None:
    client.force_login(kim)
    assert client.get("/dashboard/money").status_code == 403
    assert "/dashboard/money" not in text(client.get("/dashboard/"))
