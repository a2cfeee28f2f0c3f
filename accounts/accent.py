"""The colour of a business, such that white letters can be read on it: as `widget/src/accent.ts` has it."""

from __future__ import annotations

READABLE = 4.5  # WCAG AA for text
TO_BE_SAFE = 0.6  # tints of it lie under text too


def readable_accent(colour: str) -> str:
    """`#rrggbb`, darkened just enough.

    >>> readable_accent("#0b5cad"), readable_accent("#ffd400")
    ('#0b5cad', '#7d6700')
    """
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    while 1.05 / (_luminance(parts) + 0.05) < READABLE + TO_BE_SAFE:
        parts = [int(part * 0.94) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _luminance(parts: list[int]) -> float:
    shares = [part / 255 for part in parts]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
