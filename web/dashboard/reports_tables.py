"""The tables of the Reports page; each is also a file."""

from __future__ import annotations

from calendar import day_name
from collections.abc import Callable, Sequence
from typing import NamedTuple

from peepopay.csv_files import Cell, in_dollars

from .charts import share_of
from .reports_figures import Line, Report, Side
from .reports_words import part_of

MONEY = ("Received", "Earned, without GST")


class Table(NamedTuple):
    """Amounts are decimals, in dollars. `bars`: how long that of each row is, 0 to 100; none where none is drawn."""

    columns: Sequence[str]
    rows: list[list[Cell]]
    bars: list[int] = []

    @property
    def lines(self) -> list[tuple[list[Cell], int | None]]:
        """Each row with its bar."""
        return [(row, self.bars[number] if self.bars else None) for number, row in enumerate(self.rows)]


def summary(report: Report) -> Table:
    sides = (report.these, report.before)
    rows: list[list[Cell]] = [
        ["Jobs", *(side.tally.jobs for side in sides)],
        ["Cancelled by customers", *(_cancelled(side, side.called_off.by_customers) for side in sides)],
        ["Cancelled by you", *(_cancelled(side, side.called_off.by_business) for side in sides)],
        ["No-shows", *(part_of(side.tally.no_shows, side.tally.begun) for side in sides)],
        ["New customers", *(side.who.new for side in sides)],
        ["Customers who came back", *(side.who.returning for side in sides)],
    ]
    if report.sees_money:
        rows += [
            [MONEY[0], *(in_dollars(side.figures.received_cents) for side in sides)],
            [MONEY[1], *(in_dollars(side.figures.earned_cents) for side in sides)],
        ]
    return Table(("What", str(report.period), str(report.compared)), rows)


def _cancelled(side: Side, count: int) -> str:
    return part_of(count, side.tally.bookings)


def weeks(report: Report) -> Table:
    return _lines(report, "Week", report.weeks)


def services(report: Report) -> Table:
    table = _lines(report, "Service", report.services)
    most = max((line.tally.jobs for line in report.services), default=0)
    return table._replace(bars=[share_of(line.tally.jobs, most) for line in report.services])


def _lines(report: Report, what: str, lines: list[Line]) -> Table:
    columns = (what, "Jobs", "Cancelled", "No-shows", *(MONEY if report.sees_money else ()))
    return Table(columns, [_line(report, line) for line in lines])


def _line(report: Report, line: Line) -> list[Cell]:
    tally, figures = line.tally, line.figures
    money = [in_dollars(figures.received_cents), in_dollars(figures.earned_cents)]
    return [line.name, tally.jobs, tally.cancelled, tally.no_shows, *(money if report.sees_money else [])]


def ahead(report: Report) -> Table:
    buckets = report.ahead.buckets
    most = max(bucket.bookings for bucket in buckets)
    return Table(
        ("How far ahead", "Bookings", "Share"),
        [list(bucket) for bucket in buckets],
        [share_of(bucket.bookings, most) for bucket in buckets],
    )


def hours(report: Report) -> Table:
    return Table(
        ("From", *day_name),
        [[row.name, *(cell.jobs for cell in row.cells)] for row in report.hours.rows],
    )


# By the name of the file.
TABLES: dict[str, Callable[[Report], Table]] = {
    "summary": summary,
    "weeks": weeks,
    "services": services,
    "ahead": ahead,
    "hours": hours,
}
