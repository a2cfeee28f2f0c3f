"""What is written about a run is what was measured, kept or not."""

from xml.etree import ElementTree

from bench import page
from bench.chart import Bar, bars
from bench.customers import percentile
from bench.report import Figure, Report

RUN = page.Run(
    {"CPU": "Fast & cheap"},
    [
        Figure("flow", "p95 of the whole flow", 0.8, "s", at_most=2),
        Figure("bookings", "POST / pgbench", 0.1, "", at_least=0.14),
        Figure("customers", "100: book, p95", 1234.5, "ms"),
    ],
    {"backup": "no room"},
)


def read(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 (we wrote it ourselves)


def test_a_percentile_is_what_so_many_of_a_hundred_do_not_exceed():
    assert percentile(range(101), 95) == 95
    assert percentile([3.0], 95) == 3.0


def test_a_bound_itself_is_kept_and_beyond_is_missed():
    assert Figure("", "", 2, "s", at_most=2).kept
    assert not Figure("", "", 2.1, "s", at_most=2).kept
    assert not Figure("", "", 0.13, "", at_least=0.14).kept


def test_a_report_fails_for_a_missed_promise_and_for_a_measure_that_broke():
    report = Report()
    report.figure("errors", 0, "", at_most=0)
    assert report.conclude() == 0
    report.broken["flow"] = "no answer"
    assert report.conclude() == 1


def test_the_page_has_every_figure_with_its_promise_and_says_what_was_missed():
    text = page.text_of(RUN, {})
    assert (
        "**1 of 2 promises kept.**\nMissed: bookings, POST / pgbench.\n`backup` broke off: no room." in text
    )
    assert "| p95 of the whole flow | 0.8 s | <= 2 | kept |" in text
    assert "| POST / pgbench | 0.1 | >= 0.14 | **missed** |" in text
    assert "| 100: book, p95 | 1,234 ms |  |  |" in text
    assert "## slots" not in text


def test_charts_show_the_figures_and_colour_what_was_missed():
    charts = page.charts_of(RUN)
    assert list(charts) == ["benchmarks.svg", "benchmarks-customers.svg"]
    words = ["".join(text.itertext()) for text in read(charts["benchmarks.svg"]).iter()]
    assert "0.8 s (<= 2)" in words
    assert "0.1 (>= 0.14)" in words
    assert charts["benchmarks.svg"].count('class="missed"') == 1
    assert "1,234 ms" in charts["benchmarks-customers.svg"]


def test_a_bar_is_as_long_as_its_part_of_the_longest():
    svg = read(bars("a < b", "", [Bar("one", 1, "1"), Bar("two", 2, "2")]))
    one, two = (float(each.get("width")) for each in svg.iter() if each.get("class") == "kept")
    assert two == 2 * one


def test_what_was_written_is_read_again_and_drawn_the_same(tmp_path):
    page.write(tmp_path, RUN)
    before = {path: path.read_text() for path in tmp_path.rglob("*.*")}
    page.write(tmp_path, page.read(tmp_path))
    assert {path: path.read_text() for path in tmp_path.rglob("*.*")} == before
    assert len(before) == 4
