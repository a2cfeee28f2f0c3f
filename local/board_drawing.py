"""A board of panels as SVG text, readable on a light and on a dark page."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

Point = tuple[float, float]  # when, in seconds since 1970, and how much

COLUMN, LINE = 60, 30  # of the board's grid, in pixels
MOST_NAMED = 6
GAP, LEFT, TOP, BELOW = 8, 58, 34, 64  # around a panel and around the lines in it
COLOURS = ("#2f7ed8", "#e07b39", "#3a9d5d", "#b8478f", "#8a6fd1", "#9a8324", "#c9372c", "#3a9aa0")
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600; font-size: 13px }
.row { font-size: 15px; font-weight: 600 } .note { fill: #59636e; font-size: 11px } .end { text-anchor: end }
.middle { text-anchor: middle } .figure { font-size: 30px; font-weight: 600; text-anchor: middle }
.page { fill: #f3f4f6 } .panel { fill: #fff; stroke: #d8dce1 }
.grid { stroke: #e4e7eb } .line { fill: none; stroke-width: 1.6 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note { fill: #9aa4af } .page { fill: #0d1117 } .panel { fill: #161b22; stroke: #30363d }
.grid { stroke: #262c34 }
}"""


@dataclass(frozen=True)
class Panel:
    """`kind` stat, timeseries or row; its place in a grid of 24 columns; `lines` by name."""

    kind: str
    title: str
    unit: str
    column: int
    row: int
    columns: int
    rows: int
    lines: Mapping[str, Sequence[Point]]


def draw(panels: Sequence[Panel]) -> str:
    """The whole board."""
    width = 24 * COLUMN + GAP
    height = max(panel.row + panel.rows for panel in panels) * LINE + GAP
    drawn = "\n".join(_panel(panel) for panel in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img">\n<title>The board: each panel with what its query found</title><style>{STYLE}</style>\n'
        f'<rect class="page" width="{width}" height="{height}"/>\n{drawn}\n</svg>\n'
    )


def _panel(panel: Panel) -> str:
    x, y = panel.column * COLUMN + GAP, panel.row * LINE + GAP
    width, height = panel.columns * COLUMN - GAP, panel.rows * LINE - GAP
    if panel.kind == "row":
        inside = f'<text class="row" x="4" y="17">{escape(panel.title)}</text>'
        return f'<g transform="translate({x} {y})">{inside}</g>'
    inside = _figure(panel, width, height) if panel.kind == "stat" else _chart(panel, width, height)
    return (
        f'<g transform="translate({x} {y})"><rect class="panel" width="{width}" height="{height}" rx="4"/>'
        f'<text class="title" x="12" y="20">{escape(panel.title)}</text>{inside}</g>'
    )


def _figure(panel: Panel, width: int, height: int) -> str:
    last = [points[-1][1] for points in panel.lines.values() if points and math.isfinite(points[-1][1])]
    said = told(last[0], panel.unit) if last else "No data"
    return f'<text class="figure" x="{width / 2}" y="{height / 2 + 22}">{said}</text>'


def _chart(panel: Panel, width: int, height: int) -> str:
    lines = {
        name: [point for point in points if math.isfinite(point[1])] for name, points in panel.lines.items()
    }
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return f'<text class="note middle" x="{width / 2}" y="{height / 2}">No data</text>'
    times = [at for points in lines.values() for at, _ in points]
    first, last = min(times), max(times)
    of = 2**20 if panel.unit == "bytes" else 1
    most = _round_up(max(value for points in lines.values() for _, value in points) / of) * of
    right, floor = width - 12, height - BELOW

    def place(point: Point) -> str:
        across = (point[0] - first) / ((last - first) or 1)
        return f"{LEFT + across * (right - LEFT):.1f} {floor - point[1] / most * (floor - TOP):.1f}"

    parts = []
    for share in (0, 0.5, 1):
        y = floor - share * (floor - TOP)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>')
        parts.append(
            f'<text class="note end" x="{LEFT - 6}" y="{y + 4:.1f}">{told(most * share, panel.unit)}</text>'
        )
    for at, kind in ((first, ""), (last, " end")):
        x = LEFT if at == first else right
        clock = time.strftime("%H:%M", time.gmtime(at))
        parts.append(f'<text class="note{kind}" x="{x}" y="{floor + 15}">{clock}</text>')
    for position, (name, points) in enumerate(sorted(lines.items())):
        colour = COLOURS[position % len(COLOURS)]
        parts.append(
            f'<path class="line" stroke="{colour}" d="M{"L".join(place(point) for point in points)}"/>'
        )
        if position < MOST_NAMED:
            room = (right - LEFT) / 3
            parts.append(
                _legend(name, colour, LEFT + position % 3 * room, floor + 33 + position // 3 * 16, room)
            )
    return "".join(parts)


def _legend(name: str, colour: str, x: float, y: float, room: float) -> str:
    most = int(room / 6.2) - 2  # letters
    said = name if len(name) <= most else f"{name[: most - 1]}…"
    return (
        f'<rect x="{x:.1f}" y="{y - 8}" width="10" height="3" fill="{colour}"/>'
        f'<text class="note" x="{x + 14:.1f}" y="{y - 3}">{escape(said)}</text>'
    )


def _round_up(value: float) -> float:
    """To the next 1, 2 or 5 of its power of ten."""
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * 1.0001)


def told(value: float, unit: str) -> str:
    """As people read it: 1.2 s, 35 ms, 12 %, 80 MiB."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "bytes":
        return f"{value / 2**20:.3g} MiB"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if 0 < value < 1 else f"{value:.3g} s"
    if unit == "reqps":
        return f"{value:.3g}/s"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
