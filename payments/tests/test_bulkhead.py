"""Who may go in to somebody else's service, who waits, and who is sent away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from local.ports import wait_until
from payments.bulkhead import Bulkhead, NoPlace, Place

LONG = 30.0  # seconds that no test waits for


class Visitor:
    """A thread that takes a place, calls if it is `calling`, and stays until it is told to leave."""

    def __init__(self, pool: ThreadPoolExecutor, bulkhead: Bulkhead, *, calling: bool = True) -> None:
        self.bulkhead, self.calling = bulkhead, calling
        self.is_in, self._may_go = threading.Event(), threading.Event()
        self.unanswered = False
        self.stay: Future[None] = pool.submit(self._visit)

    def _visit(self) -> None:
        with self.bulkhead.place(LONG) as place:
            if self.calling:
                with place.call():
                    self._stay()
            else:
                self._stay()
            place.unanswered = self.unanswered

    def _stay(self) -> None:
        self.is_in.set()
        self._may_go.wait(LONG)

    def leave(self, *, unanswered: bool = False) -> None:
        self.unanswered = unanswered
        self._may_go.set()
        self.stay.result(LONG)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


@contextmanager
def inside(pool: ThreadPoolExecutor, bulkhead: Bulkhead, count: int, **how: bool) -> Iterator[list[Visitor]]:
    visitors = [Visitor(pool, bulkhead, **how) for _ in range(count)]
    assert all(visitor.is_in.wait(LONG) for visitor in visitors)
    try:
        yield visitors
    finally:
        for visitor in visitors:
            visitor.leave()


def waiting(bulkhead: Bulkhead) -> int:
    return len(bulkhead._line)


def refused_after(bulkhead: Bulkhead) -> float:
    """Seconds until we are sent away."""
    started = time.monotonic()
    with pytest.raises(NoPlace), bulkhead.place(LONG):
        pass
    return time.monotonic() - started


def test_who_finds_no_place_gets_the_next_that_comes_free_in_the_order_of_coming(pool):
    bulkhead = Bulkhead(2, most_wait=LONG, hangs_after=LONG)
    with inside(pool, bulkhead, 2) as (first, second):
        third = Visitor(pool, bulkhead)
        assert wait_until(lambda: waiting(bulkhead) == 1, seconds=LONG)
        fourth = Visitor(pool, bulkhead)
        assert wait_until(lambda: waiting(bulkhead) == 2, seconds=LONG)
        second.leave()
        assert third.is_in.wait(LONG)
        assert not fourth.is_in.is_set()
        first.leave()
        assert fourth.is_in.wait(LONG)
        third.leave()
        fourth.leave()


def test_who_has_waited_long_enough_is_sent_away(pool):
    bulkhead = Bulkhead(1, most_wait=0.1, hangs_after=LONG)
    with inside(pool, bulkhead, 1):
        assert 0.1 <= refused_after(bulkhead) < LONG / 2


def test_once_every_call_hangs_nobody_waits_any_longer(pool):
    bulkhead = Bulkhead(2, most_wait=LONG, hangs_after=0.1)
    with inside(pool, bulkhead, 2):
        assert 0.05 <= refused_after(bulkhead) < LONG / 2


def test_who_is_inside_without_calling_is_no_sign_that_the_service_hangs(pool):
    bulkhead = Bulkhead(2, most_wait=0.3, hangs_after=0.05)
    with inside(pool, bulkhead, 1, calling=False), inside(pool, bulkhead, 1):
        assert refused_after(bulkhead) >= 0.3


def test_after_a_call_in_vain_nobody_waits_until_one_is_answered(pool):
    bulkhead = Bulkhead(1, most_wait=LONG, hangs_after=LONG)
    with inside(pool, bulkhead, 1) as (first,):
        first.leave(unanswered=True)
    with inside(pool, bulkhead, 1):  # a free place is still given out
        assert refused_after(bulkhead) < LONG / 2
    with inside(pool, bulkhead, 1) as (answered,):
        patient = Visitor(pool, bulkhead)
        assert wait_until(lambda: waiting(bulkhead) == 1, seconds=LONG)
        answered.leave()
        assert patient.is_in.wait(LONG)
        patient.leave()


def test_who_leaves_the_line_holds_up_nobody_behind(pool):
    bulkhead = Bulkhead(1, most_wait=0.1, hangs_after=LONG)
    with inside(pool, bulkhead, 1):
        refused_after(bulkhead)
    with inside(pool, bulkhead, 1):
        assert waiting(bulkhead) == 0


def test_a_block_within_a_block_shares_its_place_and_its_time():
    bulkhead = Bulkhead(1, most_wait=0, hangs_after=LONG)
    with bulkhead.place(LONG) as outer, bulkhead.place(2 * LONG) as inner:
        assert inner is outer
        assert outer.seconds_left() <= LONG
    with bulkhead.place(LONG) as again:
        assert again is not outer


def test_a_place_is_free_again_after_an_error():
    bulkhead = Bulkhead(1, most_wait=0, hangs_after=LONG)
    with pytest.raises(ZeroDivisionError), bulkhead.place(LONG):
        raise ZeroDivisionError
    with bulkhead.place(LONG) as place:
        assert isinstance(place, Place)
