"""A crowd at the pay step while each call to Stripe takes half a second, and while none is answered at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import pytest

from local.testing.crowd import Answer, Shop, all_at_once, ask

from .conftest import Town

pytestmark = pytest.mark.slow
OUR_CALLS = r"(GET|POST) /v1/payment_intents(/\w+)?(/cancel)?$"  # not the browser's, which confirms
AT_ONCE, HANG_AT_ONCE = 100, 40
ALEX_ACCOUNT = "acct_demo_alex"


class Alex(Shop):
    """A tradie of whom only these tests book."""

    def __init__(self, town: Town) -> None:
        super().__init__(town.stack.site_url, "alex-electric")
        self.job = self.service("Power point installation")
        self.times = self._apart(self.free_starts(self.job, at_least=3 * (AT_ONCE + HANG_AT_ONCE)))

    def _apart(self, starts: list[str]) -> list[str]:
        length, found = timedelta(minutes=self.job["duration_minutes"]), starts[:1]
        for start in starts:
            if datetime.fromisoformat(start) >= datetime.fromisoformat(found[-1]) + length:
                found.append(start)
        return found

    def a_crowd_books(self, size: int) -> list[Answer]:
        return all_at_once([partial(self.book, self.job, self.times.pop(), who) for who in range(size)])


@pytest.fixture
def alex(town: Town) -> Alex:
    return Alex(town)


def test_a_hundred_at_once_are_all_served_by_a_stripe_that_takes_half_a_second_a_call(
    town: Town, alex: Alex
) -> None:
    town.stripe.fault(OUR_CALLS, hang=0.5, times=0)
    held = alex.a_crowd_books(AT_ONCE)
    assert {answer.status for answer in held} == {201}
    for answer in held:
        paid = town.stripe.pay(answer.body["payment"]["client_secret"], account=ALEX_ACCOUNT)
        assert paid["status"] == "succeeded"
    confirmed = all_at_once([partial(alex.change, answer, {"status": "confirmed"}) for answer in held])
    assert {(answer.status, answer.body["status"]) for answer in confirmed} == {(200, "confirmed")}


def test_a_stripe_that_hangs_for_a_crowd_holds_up_nobody_else(town: Town, alex: Alex) -> None:
    town.stripe.fault(OUR_CALLS, hang=20, times=0)
    with looking_around(town) as others:
        refused = alex.a_crowd_books(HANG_AT_ONCE)
    assert {(answer.status, answer.code) for answer in refused} == {(503, "PAYMENT_PROVIDER_UNAVAILABLE")}
    assert max(answer.seconds for answer in refused) <= 6.5
    assert {answer.status for answer in others} == {200}
    took = sorted(answer.seconds for answer in others)
    # Until it is plain that Stripe hangs the crowd may have every thread; a moment later a quarter of them is free.
    assert took[-1] < 4
    assert took[len(took) * 9 // 10] < 0.5
    left = town.stack.query(
        "SELECT count(*) FROM bookings_booking b JOIN accounts_tradie t ON t.id = b.tradie_id"
        " WHERE t.slug = 'alex-electric' AND b.status = 'pending'"
    )
    assert left == [(0,)]


@contextmanager
def looking_around(town: Town) -> Iterator[list[Answer]]:
    """Two visitors who only look, while the block runs."""
    answers: list[Answer] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            answers.append(ask(town.stack.site_url, "GET", "/api/tradies/joe-plumber"))

    visitors = [threading.Thread(target=look) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    try:
        yield answers
    finally:
        over.set()
        for visitor in visitors:
            visitor.join()
