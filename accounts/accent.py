"""The colour of a business, such that it can be read and written on, by light and in the dark.

The grounds are those of the widget (widget/src/style/base.css); web/tests/test_widget_colours.py computes every pair.
"""

from __future__ import annotations

from typing import NamedTuple

READABLE = 4.5  # WCAG AA for text
TO_BE_SAFE = 0.6  # tints of it lie under text too
PAPER, DARK_PAPER = "#ffffff", "#1b2129"
STEP = 0.06

Channels = list[int]


class Accents(NamedTuple):
    """`#rrggbb` for text on a light ground, or as a ground of light text; and for the dark."""

    on_light: str
    on_dark: str


def accents(colour: str) -> Accents:
    """Of `#rrggbb`."""
    return Accents(readable_accent(colour), _until_readable(colour, DARK_PAPER, towards=255))


def readable_accent(colour: str) -> str:
    """`#rrggbb`, darkened just enough for white letters.

    >>> readable_accent("#0b5cad"), readable_accent("#ffd400")
    ('#0b5cad', '#7d6700')
    """
    return _until_readable(colour, PAPER, towards=0)


def contrast(one: str, other: str) -> float:
    """1 to 21, as WCAG computes it."""
    dark, light = sorted(_luminance(_channels(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _until_readable(colour: str, ground: str, *, towards: int) -> str:
    while contrast(colour, ground) < READABLE + TO_BE_SAFE:
        parts = [int(part * (1 - STEP) + towards * STEP) for part in _channels(colour)]
        colour = "#" + "".join(f"{part:02x}" for part in parts)
    return colour


def _channels(colour: str) -> Channels:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(parts: Channels) -> float:
    shares = [part / 255 for part in parts]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
