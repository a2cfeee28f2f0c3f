"""`docs/benchmarks.md` with its charts, from the figures of one run and nothing else.

`python -m bench.page docs` draws them anew from `docs/benchmarks.json`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.chart import Bar, bars
from bench.report import Figure

# What each measure does, in the order of the page.
EXPLAINED = {
    "slots": "How long the free times of one calendar take to work out, in CPU time, and how much quicker that is than "
    "trying every minute (the oracle that tests hold it against).",
    "month": "A month of free times that is not stored, among 140,000 bookings: one statement and the sweep, "
    "against Django's ORM and a naive loop.",
    "availability": "A month of free times that is stored, asked for over 50 connections as fast as answers come. "
    'It is compared with the least that a Python server can do (`bare WSGI`: "Hello, world!") in the same run: 0.5 '
    "means half as many answers a second. 304 is the answer to a browser that has the month already.",
    "bookings": "Bookings a second through the whole API, against PostgreSQL's own load program (pgbench) sending "
    "just the same statements: what is left is the price of everything around them.",
    "flow": "100 customers arrive in the same moment, and each looks, books, pays (at the demo Stripe) and confirms "
    "without a pause; RabbitMQ carries the tasks. Just after a start every connection has to plan every statement; "
    "the other figures are of rounds after that. p95: 95 of 100 waited at most that long. CPU: what one customer "
    "costs, by program.",
    "customers": "Customers as they are: each opens the page, reads, chooses a day, types, pays and waits until told, "
    "with pauses in between; one alone first, then 100 within 20 s, then 1,000 within a minute, all with one business, "
    "so that each booking changes what the others see. Nothing is promised for 1,000. p50 is what half of them waited "
    "at most for an answer, p95 what 95 of 100 did; `x alone` is how many times what the one alone waited (p50). "
    "Some try for a time that was just given to another, and must be told so. The customers compute on the same cores.",
    "opening": "How soon a customer can press a free day, from asking for the page, in Chromium on a phone's screen "
    "with nothing kept from before: the booking page by itself, and in a tradie's website, through nginx and "
    "Traefik as in production. Median of seven.",
    "memory": "The most that each program held while customers book and pay, 16 at a time. PSS counts memory that "
    "processes share once; RSS counts it for each.",
    "series": "A job that repeats for a year, at a business with 10,000 other bookings, as a multiple of what the same "
    "takes at one with none.",
    "growth": "The same pages and answers with ever more businesses and bookings in the tables, as a multiple of what "
    "they take at the smallest size: 1 x means that growth costs nothing.",
    "backup": "A copy of the whole database, and how long it takes to restore.",
    "soak": "Half an hour of customers: does anything grow?",
}


@dataclass(frozen=True)
class Run:
    """The machine's facts; the figures; of measures that broke, why."""

    facts: Mapping[str, str]
    figures: Sequence[Figure]
    broken: Mapping[str, str] = field(default_factory=dict)


def write(folder: Path, run: Run) -> None:
    """`benchmarks.json`, `benchmarks.md` and `images/benchmarks*.svg` in this folder."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.json").write_text(json.dumps(asdict(run), indent=1) + "\n")
    charts = charts_of(run)
    for old in (folder / "images").glob("benchmarks*.svg"):
        old.unlink()
    for name, svg in charts.items():
        (folder / "images" / name).write_text(svg)
    (folder / "benchmarks.md").write_text(text_of(run, charts))


def read(folder: Path) -> Run:
    kept = json.loads((folder / "benchmarks.json").read_text())
    return Run(kept["facts"], [Figure(**figure) for figure in kept["figures"]], kept["broken"])


def text_of(run: Run, charts: Mapping[str, str]) -> str:
    promised = [figure for figure in run.figures if figure.promised]
    missed = [figure for figure in promised if not figure.kept]
    parts = [
        "# Benchmarks",
        "Written by `make bench-docs` from what it measured in one run, and by nobody's hand; the data lie in "
        "[benchmarks.json](benchmarks.json). Programs, database, demo Stripe and customers share one machine, so times "
        "in seconds are this machine's; ratios and counts hold on others too.",
        f"**{len(promised) - len(missed)} of {len(promised)} promises kept.**"
        + "".join(f"\nMissed: {figure.measure}, {figure.what}." for figure in missed)
        + "".join(f"\n`{name}` broke off: {why}." for name, why in run.broken.items()),
        *(f"![{name}](images/{name})" for name in charts),
        "## The machine",
        _table(("", ""), run.facts.items()),
    ]
    for measure, explained in EXPLAINED.items():
        figures = [figure for figure in run.figures if figure.measure == measure]
        if figures:
            parts += [f"## {measure}", explained, _figures(figures)]
    return "\n\n".join(parts) + "\n"


def _figures(figures: Sequence[Figure]) -> str:
    rows = [
        (
            figure.what,
            f"{number(figure.value)} {figure.unit}".strip(),
            figure.promise,
            ("kept" if figure.kept else "**missed**") if figure.promised else "",
        )
        for figure in figures
    ]
    return _table(("what", "measured", "promised", ""), rows)


def _table(head: Sequence[str], rows: object) -> str:
    cells = [head, ["---"] * len(head), *rows]  # type: ignore[misc]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in cells)


def number(value: float) -> str:
    """Three digits that matter, never as 1e+03."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def charts_of(run: Run) -> dict[str, str]:
    """SVG by file name; none without figures for it."""
    promised = [bar_of_promise(figure) for figure in run.figures if figure.promised]
    waits = [
        Bar(figure.what, figure.value, f"{number(figure.value)} {figure.unit}")
        for figure in run.figures
        if figure.measure == "customers" and figure.unit == "ms"
    ]
    charts = {}
    if promised:
        charts["benchmarks.svg"] = bars(
            "What was promised, and what was measured",
            "How much of each promise is used up: what ends left of the line is kept.",
            promised,
            mark=1,
        )
    if waits:
        charts["benchmarks-customers.svg"] = bars(
            "What customers wait for an answer", "Milliseconds, step by step; shorter is better.", waits
        )
    return charts


MOST_SHOWN = 2.0  # times the promise: a bar that is longer would leave no room for the others


def bar_of_promise(figure: Figure) -> Bar:
    """A promise of nothing (0 errors) is used up by the first."""
    if figure.at_most is not None:
        used = figure.value / figure.at_most if figure.at_most else figure.value * MOST_SHOWN
    else:
        used = (figure.at_least or 0) / figure.value if figure.value else MOST_SHOWN
    text = f"{number(figure.value)} {figure.unit}".strip() + f" ({figure.promise})"
    return Bar(f"{figure.measure}: {figure.what}"[:56], min(used, MOST_SHOWN), text, figure.kept)


if __name__ == "__main__":
    where = Path(sys.argv[1])
    write(where, read(where))
