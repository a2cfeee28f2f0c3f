"""The file for the accountant as Xero takes it in."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal


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
