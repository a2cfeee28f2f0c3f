"""Bars as SVG text, readable on a light and on a dark page."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABELS, FIGURES = 820, 360, 130  # of the picture; what stands left and right of the bars
ROW, TOP = 24, 64
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 } .note { fill: #59636e } .end { text-anchor: end }
.kept { fill: #1a7f5a } .missed { fill: #c9372c } .mark { stroke: #59636e; stroke-dasharray: 4 3 }
.page { fill: #fff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note { fill: #9aa4af } .kept { fill: #3fb68b } .missed { fill: #f2695c }
.mark { stroke: #9aa4af } .page { fill: #0d1117 }
}"""


@dataclass(frozen=True)
class Bar:
    """`length` in the unit of all bars; `text` is the figure that stands behind it."""

    label: str
    length: float
    text: str
    kept: bool = True


def bars(title: str, note: str, rows: Sequence[Bar], *, mark: float | None = None) -> str:
    """An SVG with a bar for each row, and a dashed line at `mark`."""
    longest = max([mark or 0, *(row.length for row in rows)]) or 1
    room = WIDTH - LABELS - FIGURES
    height = TOP + ROW * len(rows) + 16

    def x(length: float) -> float:
        return round(LABELS + room * length / longest, 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="24">{escape(title)}</text>',
        f'<text class="note" x="12" y="46">{escape(note)}</text>',
    ]
    for number, row in enumerate(rows):
        top = TOP + ROW * number
        kind = "kept" if row.kept else "missed"
        lines += [
            f'<text class="end" x="{LABELS - 10}" y="{top + 14}">{escape(row.label)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{top + 3}" width="{max(x(row.length) - LABELS, 1):.1f}" '
            f'height="{ROW - 8}" rx="2"/>',
            f'<text x="{x(row.length) + 6}" y="{top + 14}">{escape(row.text)}</text>',
        ]
    if mark is not None:
        lines.append(f'<path class="mark" d="M{x(mark)} {TOP - 8}V{height - 10}"/>')
    return "\n".join([*lines, "</svg>", ""])
