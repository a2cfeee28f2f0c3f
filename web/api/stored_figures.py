"""Counts stored answers, which are so cheap that the library's own counting would cost as much again as giving them:
4 us. Each leaves its seconds in a list, and a thread adds the lists up every second."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque

from prometheus_client import Histogram

from peepopay.observed_requests import seconds_of

from .availability import ANSWERS

ROUTE = "api/availability/<slug:slug>"
MOST_KEPT = 50_000  # more than a process can answer in a second; the oldest go if nobody adds them up


class Tally:
    """`note(seconds)` from any thread; each is counted once."""

    def __init__(self, histogram: Histogram) -> None:
        self.histogram = histogram
        self._waiting: deque[float] = deque(maxlen=MOST_KEPT)
        self.note = self._waiting.append

    def add_up(self) -> int:
        """Into the histogram; how many there were. Its public way takes one at a time."""
        seconds = [self._waiting.popleft() for _ in range(len(self._waiting))]
        buckets, bounds = self.histogram._buckets, self.histogram._upper_bounds
        for place, count in Counter(bisect_left(bounds, second) for second in seconds).items():
            buckets[place].inc(count)
        self.histogram._sum.inc(sum(seconds))
        return len(seconds)


given, unchanged = (Tally(seconds_of(ROUTE, "GET", status)) for status in (200, 304))
_hits = ANSWERS.labels("hit")


def add_up() -> None:
    """To be called now and then, by one thread."""
    _hits.inc(given.add_up() + unchanged.add_up())
