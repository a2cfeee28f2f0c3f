"""The letters of our documents. All fonts are free (SIL Open Font License) and come as packages: no machine has the
same ones installed, and a name must look right on each. Their licence is `licences/OFL.txt`, which the package of the
Chinese, Japanese and Korean one leaves out.

Most documents need the first alone, which knows Latin, Greek and Cyrillic. The others are only loaded for a document
with such letters in it. Of each, no more than the letters that are needed: whole, the first takes three times as long
to read as the rest of a document takes to be made, and another is 16 MB, would take the process 60 MB more and some
seconds.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import uharfbuzz as hb
from fpdf import FPDF

FAMILY = "Noto Sans"
# What our own words, amounts and dates are written in.
OURS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x203B))))
_LAYOUT = (b"GSUB", b"GPOS", b"GDEF")  # how letters are shaped by their neighbours
_FILE = ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf")
# Of which letters, where the font lies.
FURTHER = {
    "Noto Sans Arabic": (
        re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
        ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    ),
    "Noto Sans CJK": (
        re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]"),
        ("cvttf_NotoSansCJK_Regular", "NotoSansCJKtc-Regular.otf"),
    ),
}


def add_fonts(pdf: FPDF, text: str, folder: Path) -> None:
    """Those that `text`, all that is going to be printed, needs. Parts of fonts lie in `folder`, which has to stay as
    long as `pdf` is written."""
    needed = [name for name, (letters, _) in FURTHER.items() if letters.search(text)]
    # Unshaped beside others too: where letters are kerned, fpdf2 sets a gap as wide as what should be taken away.
    pdf.add_font(FAMILY, "", _part_of(_path(*_FILE), OURS + text, folder, shaped=False))
    for name in needed:
        pdf.add_font(name, "", _part_of(_path(*FURTHER[name][1]), text, folder, shaped=True))
    if needed:
        pdf.set_fallback_fonts(needed)
        pdf.set_text_shaping(
            True
        )  # Arabic letters take their form from their neighbours, and run from right to left


def _path(package: str, name: str) -> Path:
    return Path(str(files(package))) / name


def _part_of(font: Path, text: str, folder: Path, *, shaped: bool) -> Path:
    """A font with the letters of `text` alone, in its usual weight, and how they are shaped where that is wanted."""
    face, wanted = hb.Face(hb.Blob.from_file_path(font)), hb.SubsetInput()
    wanted.unicode_set.update(map(ord, text))
    wanted.pin_all_axes_to_default(face)
    if not shaped:
        wanted.drop_table_tag_set.update(int.from_bytes(tag, "big") for tag in _LAYOUT)
    part = folder / font.name
    part.write_bytes(hb.subset(face, wanted).blob.data)
    return part
