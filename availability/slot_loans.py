"""Answers that a process may give for a moment without asking Redis: leases (Gray and Cheriton, 1989).

Redis notes until when it has lent any answer of a tradie. Whoever changes that calendar drops the answers, is told how
long the last loan runs, and waits that long before anybody hears of the change. A process counts from before it asked
and gives a loan back early, so what it gives was true when Redis said so or later; clocks need not agree, only run
equally fast. Nothing has to arrive in time: a process that is stopped, or cut off, finds its loans run out.

It is for floods: only what one process is asked so often within one loan's time is borrowed, since each loan may keep
a booking waiting.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

LOAN_SECONDS = 0.05
GIVEN_BACK_EARLY_SECONDS = 0.005
PAYS_FROM = 8  # times that the same was asked within a loan's time
RENEWED_WITHIN_SECONDS = 0.005  # of its end
MOST_LOANS = 1_000

Lent = TypeVar("Lent")


class Loans(Generic[Lent]):
    """What is on loan to this process, by name. Threads may use it at once: at worst one loan is asked for twice."""

    def __init__(self) -> None:
        self._lent: dict[Hashable, tuple[Lent, float]] = {}
        self._tick = 0
        self._asked: dict[Hashable, int] = {}

    def get(self, name: Hashable) -> Lent | None:
        lent, until = self._lent.get(name, (None, 0.0))
        return lent if time.monotonic() < until else None

    def keep(self, name: Hashable, lent: Lent, asked_at: float) -> None:
        """`asked_at`: time.monotonic() before the loan was asked for."""
        if len(self._lent) >= MOST_LOANS:
            self._lent.clear()
        self._lent[name] = lent, asked_at + LOAN_SECONDS - GIVEN_BACK_EARLY_SECONDS

    def pays(self, name: Hashable) -> bool:
        """Count one more question; whether it has been asked often enough just now, or its loan has just ended."""
        now = time.monotonic()
        if name in self._lent and now < self._lent[name][1] + RENEWED_WITHIN_SECONDS:
            return True
        tick = int(now / LOAN_SECONDS)
        if tick != self._tick:
            self._tick, self._asked = tick, {}
        self._asked[name] = asked = self._asked.get(name, 0) + 1
        return asked >= PAYS_FROM
