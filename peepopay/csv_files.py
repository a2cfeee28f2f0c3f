"""Files of rows that spreadsheets and other programs read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from django.http import StreamingHttpResponse

Cell = str | int | Decimal
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else, and names lose their accents


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def lines_of(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Of a file, one by one. No text in it is a formula; numbers are as they are."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])


def harmless(text: str) -> str:
    """A cell that a spreadsheet takes for a formula does what it says: a customer may be called `=HYPERLINK(...)`."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def in_dollars(cents: int) -> Decimal:
    """As programs read it: `-1234.05`."""
    return Decimal(cents).scaleb(-2)


def download(rows: Iterable[Sequence[Cell]], name: str, *, for_excel: bool = False) -> StreamingHttpResponse:
    """The file as an answer, `NAME.csv`, sent as it is written. `for_excel`: people open it in a spreadsheet, so it
    begins with the mark that Excel needs; what another program takes in, such as Xero, would have it in its first
    heading."""
    lines = chain([BYTE_ORDER_MARK], lines_of(rows)) if for_excel else lines_of(rows)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
