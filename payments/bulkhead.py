"""A bulkhead before somebody else's service: only so many threads are with it at once, so that the rest go on
answering when it hangs.

Who finds no place waits for one, first come, first served, but only while those inside do get answers: once it hangs,
to wait would only tie up one more thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class NoPlace(Exception):
    """Every place was taken for too long, or the service hangs."""


@dataclass(eq=False)
class Place:
    """One thread's stay, until `ends_at` on the monotonic clock."""

    ends_at: float
    asking_since: float | None = None
    unanswered: bool = False  # its last call was waited for in vain

    def seconds_left(self) -> float:
        return self.ends_at - time.monotonic()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around each call to the service; who waited in vain notes it in `unanswered` after it."""
        self.asking_since, self.unanswered = time.monotonic(), False
        try:
            yield
        finally:
            self.asking_since = None


class Bulkhead:
    """`size` places. One is waited for at most `most_wait` seconds, and not once every call under way has lasted longer
    than `hangs_after` seconds."""

    def __init__(self, size: int, *, most_wait: float, hangs_after: float) -> None:
        self.size, self.most_wait, self.hangs_after = size, most_wait, hangs_after
        self._inside: set[Place] = set()
        self._line: deque[Place] = deque()
        self._changed = threading.Condition()
        self._hangs = False  # the last one to leave had got no answer
        self._mine = threading.local()

    @contextmanager
    def place(self, seconds: float) -> Iterator[Place]:
        """A place for all that this thread does inside the block; blocks within it share it and its time.

        `seconds`: for waiting and staying together. Raises NoPlace.
        """
        outer: Place | None = getattr(self._mine, "place", None)
        if outer:
            yield outer
            return
        mine = Place(ends_at=time.monotonic() + seconds)
        self._enter(mine)
        self._mine.place = mine
        try:
            yield mine
        finally:
            self._mine.place = None
            self._leave(mine)

    def _enter(self, place: Place) -> None:
        gives_up_at = time.monotonic() + self.most_wait
        with self._changed:
            self._line.append(place)
            try:
                while len(self._inside) == self.size or self._line[0] is not place:
                    self._wait(min(gives_up_at, self._hangs_at()))
                self._inside.add(place)
            finally:
                self._line.remove(place)
                self._changed.notify_all()

    def _hangs_at(self) -> float:
        """When to call it hanging, if until then nobody inside gets an answer."""
        now = time.monotonic()
        return max((place.asking_since or now for place in self._inside), default=now) + self.hangs_after

    def _wait(self, until: float) -> None:
        seconds = until - time.monotonic()
        if self._hangs or seconds <= 0:
            raise NoPlace
        self._changed.wait(seconds)

    def _leave(self, place: Place) -> None:
        with self._changed:
            self._inside.remove(place)
            self._hangs = place.unanswered
            self._changed.notify_all()
