"""The letters of our documents. All fonts are free (SIL Open Font License) and come as packages: no machine has the
same ones installed, and a name must look right on each. Their licence is `licences/OFL.txt`, which the package of the
Chinese, Japanese and Korean one leaves out.

Most documents need the first alone, which knows Latin, Greek and Cyrillic. The others are only loaded for a document
with such letters in it, and then no more of them than these letters: whole, one is 16 MB, and would take the process
60 MB more and some seconds.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import uharfbuzz as hb
from fpdf import FPDF

FAMILY = "Noto Sans"
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
    pdf.add_font(FAMILY, "", _path(*_FILE))
    needed = [name for name, (letters, _) in FURTHER.items() if letters.search(text)]
    for name in needed:
        pdf.add_font(name, "", _part_of(_path(*FURTHER[name][1]), text, folder))
    if needed:
        pdf.set_fallback_fonts(needed)
        pdf.set_text_shaping(
            True
        )  # Arabic letters take their form from their neighbours, and run from right to left


def _path(package: str, name: str) -> Path:
    return Path(str(files(package))) / name


def _part_of(font: Path, text: str, folder: Path) -> Path:
    """A font with the letters of `text` alone, and how they are shaped."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(map(ord, text))
    part = folder / font.name
    part.write_bytes(hb.subset(hb.Face(hb.Blob.from_file_path(font)), wanted).blob.data)
    return part
