"""Text can be read on what it stands on, by light and in the dark: computed from the style sheets (WCAG 2.2, 1.4.3
and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peepopay.settings import BASE_DIR

SHEETS = BASE_DIR / "static" / "css"
TOKENS, DARK = SHEETS / "tokens.css", SHEETS / "dark.css"
OURS = sorted(
    set(SHEETS.glob("*.css")) - {TOKENS, DARK, SHEETS / "sent.css"}
)  # sent.css is for development only
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
TEXT, SHAPE = (
    4.5,
    3.0,
)  # the least contrast of text, and of the edge of a field or the ring around what has the focus

PLAIN = {"ink", "ink-soft", "brand", "brand-strong", "danger"}
ON = {
    "paper": PLAIN | {"warm", "good"},
    "card": PLAIN | {"warm", "good", "plain-ink"},
    "brand-tint": PLAIN,
    "warm-tint": PLAIN | {"warm", "warm-ink"},
    "danger-tint": {"ink", "ink-soft", "danger", "danger-ink", "brand"},
    "good-tint": {"ink", "ink-soft", "good", "good-ink", "brand"},
    "plain-tint": {"plain-ink"},
    "closed": {"ink"},
    "line": set(),
    "brand": {"on-brand"},
    "brand-strong": {"on-brand"},
    "danger": {"on-danger"},
}
EDGES = {
    "brand": {"paper", "card", "brand-tint", "warm-tint", "danger-tint", "good-tint"},
    "line-strong": {"paper", "card"},
}

Colour = tuple[float, ...]


def declared(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?:^|[;{\s])([\w-]+):\s*([^;{}]+)", text))


def tokens(theme: str) -> dict[str, str]:
    found = declared(TOKENS.read_text()) | (declared(DARK.read_text()) if theme == "dark" else {})
    return {name[2:]: value for name, value in found.items() if name.startswith("--")}


def colour(value: str, known: dict[str, str]) -> Colour:
    """Of `#rgb`, `#rrggbb`, `var(--name)` or a mix of two names."""
    if mixed := re.fullmatch(r"color-mix\(in srgb, (var\(\S+\)) (\d+)%, (var\(\S+\))\)", value):
        one, percent, other = mixed.groups()
        pairs = zip(colour(one, known), colour(other, known), strict=True)
        return tuple((a * int(percent) + b * (100 - int(percent))) / 100 for a, b in pairs)
    if name := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(known[name[1]], known)
    digits = value.removeprefix("#")
    assert re.fullmatch("[0-9a-f]{3}|[0-9a-f]{6}", digits), value
    whole = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return tuple(int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4))


def luminance(channels: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rules(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Each selector of a sheet with what it declares."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return [(selector.strip(), declared(body)) for selector, body in RULE.findall(text)]


def ground_of(declarations: dict[str, str]) -> str:
    """The colour that a rule puts behind what it is about, if it is one."""
    value = declarations.get("background", "").removesuffix("!important").strip()
    return value if value.startswith(("var(", "#", "color-mix")) else ""


def text_of(declarations: dict[str, str]) -> str:
    value = declarations.get("color", "").removesuffix("!important").strip()
    return value if value not in ("", "inherit") else ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground_that_it_stands_on(theme: str) -> None:
    known = tokens(theme)
    pairs = [(text, f"var(--{ground})") for ground, texts in ON.items() for text in sorted(texts)]
    pairs += [("ink", "color-mix(in srgb, var(--brand) 40%, var(--card))")]  # the darkest field of busy hours
    found = {
        f"{text} on {ground}": round(contrast(colour(known[text], known), colour(ground, known)), 2)
        for text, ground in pairs
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_and_the_ring_of_the_focus_stand_out(theme: str) -> None:
    known = tokens(theme)
    found = {
        f"{edge} on {ground}": round(contrast(colour(known[edge], known), colour(known[ground], known)), 2)
        for edge, grounds in EDGES.items()
        for ground in sorted(grounds)
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < SHAPE} == {}


def test_every_colour_is_one_for_both_themes_and_those_above_are_all() -> None:
    light, dark = tokens("light"), declared(DARK.read_text())
    colours = {name for name, value in light.items() if value.startswith("#") or "rgb(" in value}
    assert {name[2:] for name in dark if name.startswith("--")} == colours
    strays = []
    for path in OURS:
        for selector, declarations in rules(path):
            ground, text = ground_of(declarations), text_of(declarations)
            if selector == ".scan":  # a code to scan is black on white, always
                continue
            named = re.fullmatch(r"var\(--([\w-]+)\)", ground)
            literal = "#" in ground or (text and not re.fullmatch(r"var\(--[\w-]+\)", text))
            if literal or (named and text[6:-1] not in {"", *ON[named[1]]}):
                strays.append((path.name, selector, ground, text))
    assert strays == []


def test_the_page_of_last_resort_has_the_same_colours() -> None:
    page = (BASE_DIR / "templates" / "problem.html").read_text()
    by_light, in_the_dark = page.split("@media screen and (prefers-color-scheme: dark)")
    for theme, part in (("light", by_light), ("dark", in_the_dark)):
        known = tokens(theme)
        names = ("paper", "ink", "card", "line", "brand", "on-brand")
        assert {known[name] for name in names} == set(re.findall(r"#[0-9a-f]{3,6}", part.split("<body>")[0]))


def test_mails_can_be_read_in_both() -> None:
    layout = (BASE_DIR / "templates" / "notifications" / "_layout.html").read_text()
    dark = {
        selector: declared(body)
        for selector, body in RULE.findall(layout.split("dark) {")[1].split("</style>")[0])
    }
    sheets = {name.strip(): values for name, values in dark.items()}
    of = {name: sheets[name] for name in (".ground", ".sheet", ".soft", ".link")}
    grounds = [ground_of(of[name]) for name in (".ground", ".sheet")]
    texts = [text_of(of[name]) for name in (".ground", ".soft", ".link")]
    pairs = [(text, ground) for text in texts for ground in grounds]
    pairs += [
        (text, ground) for text in ("#1d2733", "#56626f", "#0b5cba") for ground in ("#f3f5f7", "#ffffff")
    ]
    pairs += [("#ffffff", "#0b5cba")]  # a button, in both
    found = {pair: contrast(colour(pair[0], {}), colour(pair[1], {})) for pair in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < TEXT} == {}
