"""What tests of the books' pages have in common: bookings that were paid, refunded and done at moments of the past."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.test import Client

from accounts.models import Tradie
from bookings.actors import By
from bookings.lifecycle import mark_completed
from bookings.models import Actor, Booking
from ledger.posting import keep_books
from local.testing.cast import make_booking, make_service
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
