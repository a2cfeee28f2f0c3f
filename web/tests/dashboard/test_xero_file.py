"""The books' file for the accountant, as Xero reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.models import Tradie
from accounts.service_rules import DepositIs
from bookings.models import Booking
from ledger import xero
from ledger.chart import Account
from local.testing.cast import owner_of

from .money import JULY, JUNE, done, paid_booking, read, refund, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def test_a_deposit_goes_to_the_liability_account_and_from_there_to_sales(
    dashboard: Client, sam: Tradie
) -> None:
    booking = paid_booking(sam, JULY)
    file = read(dashboard, "month=2026-07")
    assert (dict(file.accounts), file.gst, file.totals()) == ({"803": 11_000}, 0, [Decimal("110.00")])
    done(booking, JULY + timedelta(hours=3))
    file = read(dashboard, "month=2026-07")
    assert (dict(file.accounts), file.gst) == ({"803": 0, "200": 10_000}, 1_000)
    assert file.totals() == [Decimal("110.00"), Decimal("0.00")]


def test_gst_on_a_part_payment_is_in_the_month_in_which_it_was_paid(dashboard: Client, sam: Tradie) -> None:
    booking = paid_booking(sam, JUNE, deposit_is=DepositIs.PART_PAYMENT)
    done(booking, JULY + timedelta(days=2))
    june, july = read(dashboard, "month=2026-06"), read(dashboard, "month=2026-07")
    assert (dict(june.accounts), june.gst) == ({"803": 10_000}, 1_000)
    assert (dict(july.accounts), july.gst) == ({"803": -10_000, "200": 10_000}, 0)


def partly_free(tradie: Tradie, at: datetime, **service: Any) -> Booking:
    """$110 paid of a quoted job, of which two fifths carry no GST."""
    lines = [
        {"description": "Labour", "quantity": "1", "unit_price_cents": 13_200, "total_cents": 13_200},
        {"description": "Water", "quantity": "1", "unit_price_cents": 8_800, "total_cents": 8_800},
    ]
    lines[1]["is_gst_free"] = True
    return paid_booking(tradie, at, of={"quote_lines": lines, "created_at": at}, **service)


@pytest.mark.parametrize("kind", [DepositIs.SECURITY, DepositIs.PART_PAYMENT])
def test_what_is_sold_without_gst_is_gst_free_income_once_it_is_earned(
    dashboard: Client, sam: Tradie, kind: DepositIs
) -> None:
    booking = partly_free(sam, JUNE, deposit_is=kind)
    done(booking, JULY + timedelta(hours=3))
    june, july = read(dashboard, "month=2026-06"), read(dashboard, "month=2026-07")
    at_once = kind == DepositIs.PART_PAYMENT
    assert june.by_tax == ({"GST on Income": 6_600} if at_once else {}) | {
        "BAS Excluded": 4_400 if at_once else 11_000
    }
    assert july.by_tax == ({} if at_once else {"GST on Income": 6_600}) | {
        "GST Free Income": 4_400,
        "BAS Excluded": -4_400 if at_once else -11_000,
    }
    assert (june.gst + july.gst, june.accounts + july.accounts) == (600, {"200": 10_400})
    refund(booking, 5_500, JULY + timedelta(hours=9))
    given_back = read(dashboard, "month=2026-07")
    given_back.by_tax.subtract(july.by_tax)
    assert +(-given_back.by_tax) == {"GST on Income": 3_300, "GST Free Income": 2_200}


def test_who_is_not_registered_has_nothing_on_a_bas(dashboard: Client, sam: Tradie) -> None:
    Tradie.objects.update(gst_registered=False)
    sam.refresh_from_db()
    booking = partly_free(sam, JULY)
    done(booking, JULY + timedelta(hours=3))
    file = read(dashboard, "month=2026-07")
    assert (set(file.by_tax), file.gst, +file.accounts) == ({"BAS Excluded"}, 0, {"200": 11_000})
    assert "since you aren’t registered for GST" in text(dashboard.get("/dashboard/money/accountant"))


def test_a_refund_is_a_credit_note(dashboard: Client, sam: Tradie) -> None:
    booking = paid_booking(sam, JULY)
    done(booking, JULY + timedelta(hours=3))
    refund(booking, 5_500, JULY + timedelta(hours=9))
    file = read(dashboard, "month=2026-07")
    assert (dict(file.accounts), file.gst) == ({"803": 0, "200": 5_000}, 500)
    assert file.totals()[-1] == Decimal("-55.00")


def test_a_customer_called_a_formula_is_harmless(dashboard: Client, sam: Tradie) -> None:
    booking = paid_booking(sam, JULY)
    name = '=HYPERLINK("http://evil.example", "Jo")\n+1'
    Booking.objects.filter(pk=booking.pk).update(customer_name=name, service_name="@SUM(A1)")
    (lines,) = read(dashboard, "month=2026-07").invoices.values()
    assert lines[0]["*ContactName"] == '\'=HYPERLINK("http://evil.example", "Jo") +1'
    assert lines[0]["*Description"].startswith("Deposit: @SUM(A1)")


def test_whose_details_were_erased_is_known_by_the_reference(dashboard: Client, sam: Tradie) -> None:
    booking = paid_booking(sam, JULY)
    Booking.objects.filter(pk=booking.pk).update(
        erased_at=timezone.now(), customer_name="(erased)", customer_email=""
    )
    (lines,) = read(dashboard, "month=2026-07").invoices.values()
    assert (lines[0]["*ContactName"], lines[0]["EmailAddress"]) == (f"Customer {booking.reference}", "")


def test_a_long_file_is_read_in_pages_and_lacks_nothing(
    dashboard: Client, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xero, "PAGE", 2)
    for _ in range(3):
        done(paid_booking(sam, JULY), JULY + timedelta(hours=2))
    file = read(dashboard, "month=2026-07")
    assert (len(file.invoices), file.accounts["200"], file.accounts["803"]) == (6, 30_000, 0)


def test_codes_are_the_accountants_own(dashboard: Client, sam: Tradie) -> None:
    paid_booking(sam, JULY)
    form = {account.value: code for account, code in xero.codes_of(sam).items()}
    wrong = dashboard.post("/dashboard/money/accountant", {**form, "deposits": "=1+1"})
    assert wrong.status_code == 400
    assert "Write the code as Xero shows it" in text(wrong)
    for _ in range(2):
        assert dashboard.post("/dashboard/money/accountant", {**form, "deposits": "999"}).status_code == 302
    assert dict(read(dashboard, "month=2026-07").accounts) == {"999": 11_000}
    (noted,) = AuditEntry.objects.filter(kind="xero_codes_changed")
    assert noted.detail == f"{Account.DEPOSITS.label} from 803 to 999"
