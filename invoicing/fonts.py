"""The letters of our documents. All fonts are free (SIL Open Font License) and come as packages: no machine has the
same ones installed, and a name must look right on each.

Most documents need the first alone, which knows Latin, Greek and Cyrillic. The others are large, so they are only
loaded for a document with such letters in it.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

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


def add_fonts(pdf: FPDF, text: str) -> None:
    """Those that `text`, all that is going to be printed, needs."""
    pdf.add_font(FAMILY, "", _path(*_FILE))
    needed = [name for name, (letters, _) in FURTHER.items() if letters.search(text)]
    for name in needed:
        pdf.add_font(name, "", _path(*FURTHER[name][1]))
    if needed:
        pdf.set_fallback_fonts(needed)
        pdf.set_text_shaping(
            True
        )  # Arabic letters take their form from their neighbours, and run from right to left


def _path(package: str, name: str) -> Path:
    return Path(str(files(package))) / name
