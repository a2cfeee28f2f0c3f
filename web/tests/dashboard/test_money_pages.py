"""Money: a month, a year, and the file for the accountant."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.models import Tradie, User
from accounts.service_rules import DepositIs
from bookings.actors import By
from bookings.lifecycle import mark_completed
from bookings.models import Actor, Booking
from ledger import xero
from ledger.chart import Account
from ledger.models import JournalKind
from ledger.posting import enter_stripes_own, keep_books
from local.testing.cast import make_booking, make_service, owner_of
from payments.models import Payment, Refund
from peepopay.local_time import in_zone

from .test_today_page import pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


LONG_AGO, _hours = datetime(2026, 1, 1, tzinfo=UTC), itertools.count()  # of jobs: none at the time of another


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


JUNE, JULY = datetime(2026, 6, 30, 13, 59, tzinfo=UTC), datetime(2026, 6, 30, 14, 1, tzinfo=UTC)


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


# ---- the file, as Xero reads it


class XeroImport:
    """Reads a sales file by Xero's published rules, with nothing of ours; refuses what Xero refuses.

    What it makes of it: account code -> dollars without GST, and the GST, which Xero works out itself, line by line.
    """

    MUST = (
        "*ContactName",
        "*InvoiceNumber",
        "*InvoiceDate",
        "*DueDate",
        "*Quantity",
        "*UnitAmount",
        "*AccountCode",
    )
    RATES = {"GST on Income": Decimal(11), "GST Free Income": None, "BAS Excluded": None}

    def __init__(self, file: str, known: set[str]) -> None:
        self.invoices: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.accounts: Counter[str] = Counter()
        self.gst = Decimal(0)
        self.by_tax: Counter[str] = Counter()  # dollars by Xero's tax type, GST included, in cents
        rows = list(csv.DictReader(io.StringIO(file), strict=True))
        for row in rows:
            assert None not in row, "more cells than columns"
            assert all(row[name] for name in (*self.MUST, "*Description", "*TaxType")), (
                "a cell that must be filled"
            )
            assert row["*AccountCode"] in known, "an account that the chart doesn't have"
            for day in (row["*InvoiceDate"], row["*DueDate"]):
                datetime.strptime(day, "%d/%m/%Y").replace(tzinfo=UTC)
            cents = Decimal(row["*Quantity"]) * Decimal(row["*UnitAmount"]) * 100
            assert cents == cents.to_integral_value()
            rate = self.RATES[row["*TaxType"]]
            gst = (cents / rate).quantize(Decimal(1), ROUND_HALF_UP) if rate else Decimal(0)
            self.gst += gst
            self.by_tax[row["*TaxType"]] += int(cents)
            self.accounts[row["*AccountCode"]] += int(cents - gst)
            self.invoices[row["*InvoiceNumber"]].append(row)
        for lines in self.invoices.values():
            for same in ("*ContactName", "*InvoiceDate", "*DueDate", "Reference"):
                assert len({line[same] for line in lines}) == 1, "lines of one invoice that differ"

    def totals(self) -> list[Decimal]:
        return [sum(Decimal(line["*UnitAmount"]) for line in lines) for lines in self.invoices.values()]


def read(dashboard: Client, query: str) -> XeroImport:
    answer = dashboard.get(f"/dashboard/money/accountant/xero.csv?{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return XeroImport(file, {"803", "200", "260", "999"})


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
