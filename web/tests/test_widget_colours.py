"""What the widget writes can be read, whatever colour a business has chosen, by light and in the dark: computed."""

from __future__ import annotations

import re
from itertools import product

import pytest

from accounts.accent import DARK_PAPER, PAPER, accents, contrast
from peepopay.settings import BASE_DIR

STYLE = BASE_DIR / "widget" / "src" / "style"
TEXT = 4.5
TINT = 7  # percent of the accent, in base.css
STEPS = ("00", "33", "66", "99", "cc", "ff")
CHOSEN = ["#" + "".join(parts) for parts in product(STEPS, repeat=3)]
THEMES = {"light": 0, "dark": 1}
# Text -> what it stands on.
PAIRS = [
    ("ink", "paper"),
    ("ink", "ground"),
    ("muted", "paper"),
    ("muted", "ground"),
    ("danger", "paper"),
    ("warm", "paper"),
    ("accent", "paper"),
    ("accent", "ground"),
    ("accent", "tint"),
    ("paper", "accent"),
]


def tokens(theme: str) -> dict[str, str]:
    """Of a theme: name -> `#rrggbb`."""
    text = (STYLE / "base.css").read_text() + (STYLE / "form.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", text)
    found = {name: both[THEMES[theme]] for name, *both in pairs}
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * c for c in value[1:])
        for name, value in found.items()
    }


def mixed(one: str, other: str, percent: int) -> str:
    """As `color-mix(in srgb, one percent%, other)`."""
    parts = [
        round((int(one[at : at + 2], 16) * percent + int(other[at : at + 2], 16) * (100 - percent)) / 100)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_in_every_colour_that_can_be_chosen(theme: str) -> None:
    known = tokens(theme)
    assert {"ink", "muted", "paper", "ground", "danger", "warm"} <= set(known)
    assert (
        f"--tint: color-mix(in srgb, var(--accent) {TINT}%, var(--paper))" in (STYLE / "base.css").read_text()
    )
    assert known["paper"] == (PAPER, DARK_PAPER)[THEMES[theme]]
    unread = {}
    for chosen in CHOSEN:
        accent = accents(chosen)[THEMES[theme]]
        colours = known | {"accent": accent, "tint": mixed(accent, known["paper"], TINT)}
        for text, ground in PAIRS:
            if contrast(colours[text], colours[ground]) < TEXT:
                unread[chosen, text, ground] = contrast(colours[text], colours[ground])
    assert unread == {}


def test_a_colour_that_can_be_read_is_left_as_it_was_chosen() -> None:
    assert accents("#0b5cad").on_light == "#0b5cad"
    assert accents("#9fd3ff").on_dark == "#9fd3ff"
