"""Tables that people bring along: a CSV file of any spreadsheet or program, read into headings and rows of text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from .errors import ValidationFailed

LONGEST_CELL = 8_000
MOST_COLUMNS = 100
SNIFFED = 20  # rows that the delimiter is guessed from
DELIMITERS = ",;\t|"
# What `csv_files.harmless` puts before what a spreadsheet would take for a formula.
GUARDED = ("'=", "'+", "'-", "'@")
NOT_TEXT = (
    "That isn't a file that we can read. Send a CSV file, a calendar file (.ics), or the ZIP file from “Download"
    " everything”."
)
TOO_LONG = "Row {line} has a cell that is far too long. Is that a CSV file?"
NO_ROWS = "There is nothing in that file but its headings. Send one with at least one row."
TOO_MANY_COLUMNS = f"That file has more than {MOST_COLUMNS} columns. Leave out what isn't needed."


class What(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    CLASH = "clash"
    REFUSED = "refused"
    KEPT = "kept"  # in the archive it is in: not brought along


@dataclass(frozen=True)
class Outcome:
    """Of one row. `name`: what it is about; `says`: a sentence, or nothing."""

    line: int
    what: What
    name: str
    says: str = ""


@dataclass(frozen=True)
class Row:
    """`line`: where it stands in its file, headings being 1. `cells`: by our names, without those that are empty."""

    line: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Sheet:
    headings: list[str]
    rows: list[list[str]]


def read_sheet(content: bytes, *, most_rows: int) -> Sheet:
    """In UTF-8 or what Excel writes under Windows, with any usual delimiter. Raises ValidationFailed."""
    text = as_text(content)
    rows = _rows(text, _delimiter(text))
    headings = next(rows, [])
    if len(headings) > MOST_COLUMNS:
        raise ValidationFailed(TOO_MANY_COLUMNS)
    found = list(islice(rows, most_rows + 1))
    if not found:
        raise ValidationFailed(NO_ROWS)
    if len(found) > most_rows:
        raise ValidationFailed(
            f"That file has more than {most_rows:,} rows. Split it, and bring one after the other."
        )
    return Sheet(headings, [row[: len(headings)] for row in found])


def as_text(content: bytes) -> str:
    """Raises ValidationFailed for what is no text."""
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise ValidationFailed(NOT_TEXT)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Those with anything in them, each cell without what stands around it."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # a cell of more than 131 kB
            raise ValidationFailed(TOO_LONG.format(line=f"{reader.line_num:,}")) from None
        if row is None:
            return
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise ValidationFailed(TOO_LONG.format(line=f"{reader.line_num:,}"))
        cells = [unguarded(cell.strip()) for cell in row]
        if any(cells):
            yield cells


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARDED) else cell


def _delimiter(text: str) -> str:
    """The one that gives the first rows the same number of columns, and most of them."""

    def columns(delimiter: str) -> tuple[bool, int]:
        try:
            rows = list(islice(csv.reader(text[:200_000].splitlines(), delimiter=delimiter), SNIFFED))
        except csv.Error:
            return False, 0
        widths = {len(row) for row in rows if row}
        return len(widths) == 1, len(rows[0]) if rows else 0

    return max(DELIMITERS, key=lambda one: (columns(one)[1] > 1, *columns(one)))
