"""Months of the books as a file that any spreadsheet reads: money as it moved, and what it means for GST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from peepopay.csv_files import Cell, in_dollars

from .reports import Figures, Month, total

COLUMNS = (
    "Month",
    "Deposits",
    "Received in all",
    "Refunded",
    "Taken by banks in disputes",
    "Stripe's fees",
    "PeepoPay's fees",
    "Net",
    "Paid out to your bank",
    "Earned, without GST",
    "GST that fell due",
)


def rows_of(months: Iterable[Month]) -> Iterator[Sequence[Cell]]:
    """A row for each, and one for all of them together; amounts in dollars."""
    listed = list(months)
    yield COLUMNS
    for month in listed:
        yield _row(f"{month.starts:%Y-%m}", month.figures)
    yield _row("All", total(month.figures for month in listed))


def _row(name: str, figures: Figures) -> Sequence[Cell]:
    cents = (
        figures.deposits_cents,
        figures.received_cents,
        -figures.refunded_cents,
        -figures.disputed_cents,
        -figures.stripe_fees_cents,
        -figures.peepopay_fees_cents,
        figures.net_cents,
        figures.paid_out_cents,
        figures.earned_cents,
        figures.gst_cents,
    )
    return [name, *map(in_dollars, cents)]
