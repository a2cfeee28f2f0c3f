"""The books as a file of sales invoices that Xero imports (Business, Invoices, Import).

An invoice for each thing that happened to a customer's money. A deposit goes to a liability account; when it is earned,
an invoice of nothing moves it from there to sales. What goes back is a negative invoice, which Xero imports as a credit
note. Amounts include GST: choose "Tax inclusive" while importing. Fees are no sales and not in here.

Columns: https://central.xero.com/s/article/Import-or-export-sales-invoices (the template of 2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import Q

from accounts.models import Tradie
from bookings.models import Booking
from peepopay.csv_files import Cell, in_dollars
from peepopay.local_time import in_zone

from .chart import REVENUE, XERO_CODES, Account
from .models import Journal, JournalKind, XeroAccount
from .reports import bounds

COLUMNS = (
    "*ContactName",
    "EmailAddress",
    "POAddressLine1",
    "POAddressLine2",
    "POAddressLine3",
    "POAddressLine4",
    "POCity",
    "PORegion",
    "POPostalCode",
    "POCountry",
    "*InvoiceNumber",
    "Reference",
    "*InvoiceDate",
    "*DueDate",
    "InventoryItemCode",
    "*Description",
    "*Quantity",
    "*UnitAmount",
    "Discount",
    "*AccountCode",
    "*TaxType",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
    "Currency",
    "BrandingTheme",
)
# Xero's names in Australia. Free of GST is what a registered business sold without it: its BAS has that too (G1, G3).
# What only moves between accounts, and all that a business sells which isn't registered, is on no BAS.
GST, GST_FREE, NO_GST = "GST on Income", "GST Free Income", "BAS Excluded"
MOST_INVOICES = 500  # Xero takes no more in a file
PAGE = 500
NO_SALE = (JournalKind.FEES, JournalKind.PAYOUT, JournalKind.OTHER)
SAID = {
    JournalKind.DEPOSIT: "Deposit",
    JournalKind.BALANCE: "Balance",
    JournalKind.NO_SHOW_FEE: "No-show fee",
    JournalKind.CASH: "Paid in cash or by transfer",
    JournalKind.REFUND: "Refund",
    JournalKind.EARNED: "Job done",
    JournalKind.KEPT: "Kept under the cancellation terms",
    JournalKind.DISPUTE_LOST: "Dispute lost",
}


@dataclass(frozen=True)
class InvoiceLine:
    """`tax` is Xero's tax type; `cents` include the GST."""

    account: Account
    cents: int
    tax: str


def codes_of(tradie: Tradie) -> dict[Account, str]:
    """Under which code each account is in the business's Xero. One query."""
    own = dict(XeroAccount.objects.filter(tradie=tradie).values_list("account", "code"))
    return {account: own.get(account, known.code) for account, known in XERO_CODES.items()}


def sales_file(tradie: Tradie, first: date, until: date) -> Iterator[Sequence[Cell]]:
    """The rows of the file; of the days from `first` to before `until`, on the tradie's clock."""
    codes = codes_of(tradie)
    yield COLUMNS
    for journals in _invoices(tradie, first, until):
        for row in _rows(tradie, journals, codes):
            yield [row.get(column, "") for column in COLUMNS]


def _invoices(tradie: Tradie, first: date, until: date) -> Iterator[list[Journal]]:
    """The journals that make one invoice: of one booking, of one moment, entered at once."""
    found = groupby(
        _journals(tradie, first, until),
        key=lambda journal: (journal.at, journal.booking_id, journal.posted_at),
    )
    for _, journals in found:
        yield list(journals)


def _journals(tradie: Tradie, first: date, until: date) -> Iterator[Journal]:
    """In pages, so that no cursor has to outlive its transaction."""
    since, before = bounds(tradie, first, until)
    rows = (
        Journal.objects.filter(tradie=tradie, at__gte=since, at__lt=before, booking__isnull=False)
        .exclude(kind__in=NO_SALE)
        .select_related("booking")
        .prefetch_related("entries")
        .order_by("at", "booking_id", "posted_at", "id")
    )
    page = list(rows[:PAGE])
    while page:
        yield from page
        last = page[-1]
        page = list(rows.filter(_after(last))[:PAGE]) if len(page) == PAGE else []


def _after(last: Journal) -> Q:
    place = (("at", last.at), ("booking_id", last.booking_id), ("posted_at", last.posted_at), ("id", last.pk))
    later, same = Q(), Q()
    for name, value in place:
        later |= same & Q(**{f"{name}__gt": value})
        same &= Q(**{name: value})
    return later


def _rows(tradie: Tradie, journals: list[Journal], codes: dict[Account, str]) -> Iterator[dict[str, Cell]]:
    booking = journals[0].booking
    assert booking is not None
    for line in lines_of(journals):
        yield {
            **_customer(booking),
            "*InvoiceNumber": f"PP-{booking.reference}-{journals[0].pk}",
            "Reference": booking.reference,
            "*InvoiceDate": _day(journals[0].at, tradie),
            "*DueDate": _day(journals[0].at, tradie),
            "*Description": f"{_said(journals)}: {booking.service_name} ({booking.reference})",
            "*Quantity": "1",
            "*UnitAmount": in_dollars(line.cents),
            "*AccountCode": codes[line.account],
            "*TaxType": line.tax,
            "Currency": "AUD",
        }


def lines_of(journals: Iterable[Journal]) -> list[InvoiceLine]:
    """What of these journals concerns the customer, as lines that sum to what came in, or went out.

    What GST is reckoned on goes to the account that it is part of: revenue if there is any, else the deposit. What was
    sold free of it is revenue. All else moves from one account to another: a deposit that waits, or one that is earned
    after GST on it was due.
    """
    credit: dict[Account, int] = {}
    taxed = free = 0
    for journal in journals:
        taxed, free = taxed + journal.taxed_cents, free + journal.free_cents
        for entry in journal.entries.all():
            account = Account(entry.account)
            credit[account] = credit.get(account, 0) - entry.cents
    of = {account: credit.get(account, 0) for account in (*REVENUE, Account.DEPOSITS)}
    lines = []
    income = max(REVENUE, key=lambda account: abs(of[account]))
    if taxed:
        carrier = income if of[income] else Account.DEPOSITS
        lines.append(InvoiceLine(carrier, taxed, GST))
        of[carrier] -= taxed - credit.get(Account.GST, 0)
    if free:
        lines.append(InvoiceLine(income, free, GST_FREE))
        of[income] -= free
    lines += [InvoiceLine(account, cents, NO_GST) for account, cents in of.items() if cents]
    return lines


def _customer(booking: Booking) -> dict[str, str]:
    """Whose details were erased is known by the reference."""
    known = booking.erased_at is None
    return {
        "*ContactName": booking.customer_name if known else f"Customer {booking.reference}",
        "EmailAddress": booking.customer_email if known else "",
    }


def _said(journals: list[Journal]) -> str:
    told = [SAID[JournalKind(journal.kind)] for journal in journals if journal.kind in SAID]
    return ", ".join(dict.fromkeys(told)) or "Adjustment"


def _day(at: datetime, tradie: Tradie) -> str:
    return f"{in_zone(at, tradie.timezone):%d/%m/%Y}"
