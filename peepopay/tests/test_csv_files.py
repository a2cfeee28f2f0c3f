"""Files for spreadsheets: what is in a cell stays what it was."""

from __future__ import annotations

import csv
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from peepopay.csv_files import download, in_dollars, lines_of

cells = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00")), st.integers(), st.decimals()
)


def read(lines: list[str]) -> list[list[str]]:
    return list(csv.reader(lines, strict=True))


@given(st.lists(st.lists(cells, min_size=1), max_size=4))
def test_no_text_is_a_formula_and_every_row_is_one_row(rows: list[list[str | int | Decimal]]) -> None:
    written = read(list(lines_of(rows)))
    assert [len(row) for row in written] == [len(row) for row in rows]
    for row, as_read in zip(rows, written, strict=True):
        for cell, text in zip(row, as_read, strict=True):
            if isinstance(cell, str):
                assert not text.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                assert text.removeprefix("'").split() == cell.removeprefix("'").split()


def test_an_amount_that_went_back_stays_a_number() -> None:
    assert read(list(lines_of([["-1", in_dollars(-5), in_dollars(123_450), 0]]))) == [
        ["'-1", "-0.05", "1234.50", "0"]
    ]


def test_it_is_sent_as_a_file() -> None:
    answer = download([["Jo"]], "weeks-2026")
    assert answer["Content-Disposition"] == 'attachment; filename="weeks-2026.csv"'
    assert b"".join(answer) == b"Jo\r\n"  # type: ignore[arg-type]


def test_one_for_people_begins_with_the_mark_by_which_excel_knows_it() -> None:
    file = b"".join(download([["Zoë"]], "names", for_excel=True))  # type: ignore[arg-type]
    assert file == b"\xef\xbb\xbfZo\xc3\xab\r\n"
