"""Lines as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from invoicing.line_items import Line, LineTotals
from web.dashboard.lines_forms import BLANK, BaseLines, lines_form, posted_lines, typed_from

HOURS = {"description": "Labour", "quantity": "1.5", "unit_price_cents": "$1,099", "kind": "gst"}
OFF = {"description": "Mates’ rates", "quantity": "1", "unit_price_cents": "20", "kind": "discount"}


def posted(*rows: dict[str, Any], gst_registered: bool = True, **more: str) -> BaseLines:
    data = {f"line-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    counts = {"line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": "0"}
    return posted_lines({**data, **counts, **more}, gst_registered=gst_registered)


def test_lines_are_read_as_people_write_them_and_blank_ones_are_left_out():
    lines = posted(HOURS, {**BLANK}, OFF)
    assert lines.is_valid()
    assert lines.is_whole
    assert lines.lines == [Line("Labour", Decimal("1.5"), 109_900), Line("Mates’ rates", Decimal(1), -2_000)]
    assert lines.totals == LineTotals(162_850, 0, 14_805)


def test_half_a_line_is_told_what_is_missing():
    lines = posted(
        {**HOURS, "description": ""}, {**OFF, "unit_price_cents": ""}, {**HOURS, "quantity": "two"}
    )
    assert not lines.is_valid()
    assert [list(errors) for errors in lines.errors] == [["description"], ["unit_price_cents"], ["quantity"]]


def test_nothing_and_less_than_nothing_are_refused_in_a_sentence():
    assert "at least one line" in str(posted(dict(BLANK)).non_form_errors())
    assert "more than $0" in str(posted(OFF).non_form_errors())


def test_what_did_not_arrive_is_no_line_left_out():
    lines = posted(HOURS, OFF, **{"line-TOTAL_FORMS": "3"})
    assert not lines.is_whole


def test_who_is_not_registered_for_gst_is_not_asked_about_it():
    page = render_to_string("invoicing/_lines.html", {"lines": lines_form([BLANK], False)})
    assert "GST" not in page
    assert not posted({**HOURS, "kind": "gst_free"}, gst_registered=False).is_valid()


def test_a_line_more_or_less_keeps_what_was_typed():
    more = posted(HOURS, add_line="1").after_the_press()
    assert [form.typed for form in more.forms] == [HOURS, dict(BLANK)]
    less = posted(HOURS, OFF, remove_line="line-0").after_the_press()
    assert [form.typed for form in less.forms] == [OFF]


def test_a_stored_line_is_shown_as_it_was_typed():
    stored = posted(HOURS, OFF).after_the_press()
    rows = posted(HOURS, OFF)
    assert rows.is_valid()
    shown = [form.typed for form in lines_form([typed_from(line) for line in rows.lines], True).forms]
    assert [row["kind"] for row in shown] == [form.typed["kind"] for form in stored.forms]
    assert [row["quantity"] for row in shown] == ["1.5", "1"]
    assert typed_from(Line("Bond", Decimal("2.00"), 5_000, True))["kind"] == "gst_free"
