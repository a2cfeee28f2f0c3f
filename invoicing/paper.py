"""A sheet of A4 with the look of all our documents. Large: imported only where one is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, TextEmphasis, TextMode
from fpdf.fonts import FontFace

from .fonts import FAMILY, add_fonts

MARGIN = 18  # mm
LOGO_WIDTH, LOGO_HEIGHT = 35, 20  # mm at most
THICKER = 0.014  # mm of outline for each point of a bold letter's size
INK, SOFT, LINE, TINT = (29, 42, 41), (85, 98, 95), (200, 196, 186), (244, 241, 234)
Pairs = Sequence[tuple[str, str]]


class _Sheets(FPDF):
    """Says at the foot of each which page it is, where there are several."""

    def footer(self) -> None:
        self.set_y(-14)
        self.text_mode = TextMode.FILL
        self.set_font(FAMILY, size=8)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"{self.title}, page {self.page_no()} of {{nb}}", align=Align.R)


class Paper:
    """`text`: all that is going to be printed, for which fonts are looked out."""

    def __init__(self, title: str, author: str, made_at: datetime, *, text: str) -> None:
        self.pdf = pdf = _Sheets(format="A4")
        pdf.set_title(title)
        pdf.set_author(author)
        pdf.set_creator("PeepoPay")
        pdf.set_creation_date(made_at)
        pdf.set_lang("en-AU")
        pdf.set_margins(MARGIN, MARGIN, MARGIN)
        pdf.set_auto_page_break(True, 20)
        self._fonts = TemporaryDirectory(prefix="peepopay-fonts-")
        add_fonts(pdf, title + author + text, Path(self._fonts.name))
        pdf.add_page()

    def content(self) -> bytes:
        with self._fonts:
            return bytes(self.pdf.output())

    def heading(self, name: str, title: str, *, logo: bytes | None = None) -> None:
        """Whose it is, and what; their `logo`, a JPEG, stands in the corner on the right."""
        if logo:
            left, top = self.pdf.w - MARGIN - LOGO_WIDTH, self.pdf.get_y()
            box = (LOGO_WIDTH, LOGO_HEIGHT)
            self.pdf.image(BytesIO(logo), left, top, *box, keep_aspect_ratio=True)
            self.pdf.set_y(top)
        self._font(20, bold=True)
        self._text(title, 9)
        self._font(12, soft=True)
        self._text(name, 6)
        self.pdf.ln(4)

    def facts(self, facts: Pairs) -> None:
        """`Number INV-0001`, one below the other."""
        for label, value in facts:
            self._font(10, soft=True)
            self.pdf.cell(32, 5.5, label)
            self._font(10, bold=label == "Number")
            self._text(value, 5.5)
        self.pdf.ln(5)

    def side_by_side(self, *blocks: tuple[str, Sequence[str]]) -> None:
        """A heading with lines for each."""
        top, width, lowest = self.pdf.get_y(), self.pdf.epw / len(blocks), 0.0
        for place, (heading, lines) in enumerate(blocks):
            left = MARGIN + place * width
            self.pdf.set_xy(left, top)
            self._font(9, soft=True)
            self.pdf.multi_cell(width - 6, 5, heading, new_x="LEFT", new_y="NEXT")
            self._font(10)
            for line in lines:
                self.pdf.multi_cell(width - 6, 5.2, line, align=Align.L, new_x="LEFT", new_y="NEXT")
            lowest = max(lowest, self.pdf.get_y())
        self.pdf.set_xy(MARGIN, lowest + 5)

    def line(self, text: str) -> None:
        self._font(10)
        self._text(text, 5.5)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The first column takes what the others, which are numbers, leave."""
        self.pdf.ln(4)
        self._font(10)
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_line_width(0.2)
        aligns = (Align.L, *[Align.R] * (len(headings) - 1))
        style = FontFace(emphasis=TextEmphasis.NONE, fill_color=TINT)
        with self.pdf.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=(88, 24, 30, 32),
            headings_style=style,
            line_height=6,
            padding=(1, 1.5),
            text_align=aligns,
        ) as table:
            for row in (headings, *rows):
                table.row(row)
        self.pdf.ln(2)

    def sum(self, label: str, amount: str, *, strong: bool = False) -> None:
        """A line of what it comes to, below the amounts."""
        self._font(11 if strong else 10, bold=strong)
        self.pdf.cell(self.pdf.epw - 34, 6.5, label, align=Align.R)
        self.pdf.cell(32.5, 6.5, amount, align=Align.R, new_x="LMARGIN", new_y="NEXT")

    def block(self, heading: str, lines: Sequence[str]) -> None:
        """A heading with lines below it, kept together."""
        self.pdf.ln(6)
        self._font(10)
        if self.pdf.will_page_break(6.5 + sum(self._height(line, 5.5) for line in lines)):
            self.pdf.add_page()
        self._font(11, bold=True)
        self._text(heading, 6.5)
        self._font(10)
        for line in lines:
            self._text(line, 5.5)

    def picture(self, heading: str, jpeg: bytes) -> None:
        """As wide as half the sheet, at most as high as it is wide; kept together with its heading."""
        edge = self.pdf.epw / 2
        self.pdf.ln(4)
        if self.pdf.will_page_break(5 + edge):
            self.pdf.add_page()
        self._font(9, soft=True)
        self._text(heading, 5)
        self.pdf.image(BytesIO(jpeg), w=edge, h=edge, keep_aspect_ratio=True)

    def _font(self, size: float, *, bold: bool = False, soft: bool = False) -> None:
        """One font, thickened for what is bold: its other weights would be files of their own."""
        self.pdf.set_font(FAMILY, "", size)
        colour = SOFT if soft else INK
        self.pdf.set_text_color(*colour)
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(size * THICKER)
        self.pdf.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL

    def _height(self, text: str, height: float) -> float:
        """Of a text as `_text` sets it. fpdf's own `unbreakable` copies the whole document so far, and loses what is
        not said to that copy."""
        takes: Any = self.pdf.multi_cell(0, height, text, align=Align.L, dry_run=True, output="HEIGHT")
        return float(takes)

    def _text(self, text: str, height: float) -> None:
        self.pdf.multi_cell(0, height, text, align=Align.L, new_x="LMARGIN", new_y="NEXT")
