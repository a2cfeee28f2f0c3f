"""What lines come to, to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from invoicing.line_items import Line, LineTotals, part_of, totals, what_is_wrong

quantities = st.integers(1, 99_999).map(lambda hundredths: Decimal(hundredths) / 100)
lines = st.lists(
    st.builds(Line, st.just("Tap"), quantities, st.integers(-20_000, 500_000), st.booleans()), max_size=8
)


def line(cents: int, quantity: str = "1", **more: bool) -> Line:
    return Line("Tap", Decimal(quantity), cents, **more)


def exact(line: Line) -> Fraction:
    return Fraction(line.quantity) * line.unit_price_cents


@given(lines)
def test_each_line_is_within_half_a_cent_and_all_of_them_sum_to_the_total(rows):
    assert all(abs(row.total_cents - exact(row)) <= Fraction(1, 2) for row in rows)
    sums = totals(rows, gst_registered=True)
    assert sums.total_cents == sum(row.total_cents for row in rows) == sums.net_cents + sums.gst_cents


@given(lines)
def test_gst_is_an_eleventh_of_what_is_taxed_within_half_a_cent(rows):
    sums = totals(rows, gst_registered=True)
    taxed = sum(row.total_cents for row in rows if not row.is_gst_free)
    assert sums.taxable_cents == taxed
    assert abs(sums.gst_cents - Fraction(taxed, 11)) <= Fraction(1, 2)


@given(lines)
def test_who_is_not_registered_charges_no_gst_and_just_as_much(rows):
    without = totals(rows, gst_registered=False)
    assert (without.gst_cents, without.taxable_cents) == (0, 0)
    assert without.total_cents == totals(rows, gst_registered=True).total_cents


@given(lines, st.booleans())
def test_what_may_be_asked_for_is_more_than_nothing_and_has_no_negative_part(rows, registered):
    if not what_is_wrong(rows, gst_registered=registered):
        sums = totals(rows, gst_registered=registered)
        assert sums.total_cents > 0
        assert 0 <= sums.gst_cents <= sums.taxable_cents <= sums.total_cents


@given(lines, st.lists(st.integers(0, 10_000), max_size=5))
def test_the_parts_of_an_invoice_have_together_its_gst_and_each_no_more_than_it_is_taxed(rows, cuts):
    if what_is_wrong(rows, gst_registered=True):
        return
    sums = totals(rows, gst_registered=True)
    marks = sorted({0, sums.total_cents, *(cut % sums.total_cents for cut in cuts)})
    pairs = list(pairwise(marks))
    parts = [part_of(sums, until - since, after_cents=since) for since, until in pairs]
    assert [part.total_cents for part in parts] == [until - since for since, until in pairs]
    assert sum(part.gst_cents for part in parts) == sums.gst_cents
    assert sum(part.taxable_cents for part in parts) == sums.taxable_cents
    assert all(0 <= part.gst_cents <= part.taxable_cents <= part.total_cents for part in parts)


def test_an_hour_and_a_half_a_discount_and_something_free_of_gst():
    rows = [line(9_900, "1.5"), line(3_333), line(-2_000), line(5_000, is_gst_free=True)]
    assert [row.total_cents for row in rows] == [14_850, 3_333, -2_000, 5_000]
    assert totals(rows, gst_registered=True) == LineTotals(16_183, 5_000, 1_471)


def test_half_a_cent_goes_away_from_nothing_both_ways():
    assert (line(5, "0.5").total_cents, line(-5, "0.5").total_cents) == (3, -3)


def test_what_nobody_can_be_asked_for_is_said():
    assert "at least one line" in what_is_wrong([], gst_registered=True)
    assert "more than $0" in what_is_wrong([line(0)], gst_registered=True)
    assert "more than $0" in what_is_wrong([line(100), line(-100)], gst_registered=True)
    assert "GST-free" in what_is_wrong([line(500, is_gst_free=True), line(-100)], gst_registered=True)
    assert not what_is_wrong([line(500, is_gst_free=True), line(-100)], gst_registered=False)
    assert "$1,000,000" in what_is_wrong([line(100_000_000), line(1)], gst_registered=True)
