"""Bars to be drawn as SVG in a template: numbers only, since a page of ours has no style of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

STEP = 10  # from one bar to the next, in the chart's own units


class Bar(NamedTuple):
    """`height`: 0 to 100, the most being 100; `said`: what stands beside it when it is pointed at."""

    x: int
    height: int
    said: str

    @property
    def top(self) -> int:
        return 100 - self.height


class Chart(NamedTuple):
    bars: list[Bar]
    most: int

    @property
    def width(self) -> int:
        return STEP * len(self.bars)


def chart_of(values: Iterable[tuple[int, str]]) -> Chart:
    """Of numbers and what is said of each; what is below zero has no height."""
    found = list(values)
    most = max((value for value, _ in found), default=0)
    heights = [share_of(value, most) for value, _ in found]
    bars = [
        Bar(number * STEP + 1, height, said)
        for number, (height, (_, said)) in enumerate(zip(heights, found, strict=True))
    ]
    return Chart(bars, max(most, 0))


def share_of(value: int, most: int) -> int:
    """How long its bar is, of 100; whatever there is can be seen."""
    return max(value * 100 // most, 1) if value > 0 and most > 0 else 0
