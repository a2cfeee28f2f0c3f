"""The whole product on RabbitMQ, with limits off, for tests that break parts of it while customers book."""

from __future__ import annotations

import email
import email.policy
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from local.ports import wait_until
from local.stack import Stack
from local.testing.crowd import Answer, Shop, ask
from local.testing.stripe_control import StripeControl

from ..openapi import ERROR_NAMES

SETTLED_SECONDS = 150  # mostly a few; a row whose worker died at the wrong moment waits for its lease, 90 s

MESSAGES = (  # but what is only to be said on a later day
    "SELECT done_at, sent_at FROM notifications_message WHERE due_at < now() + interval '1 day'"
    " UNION ALL SELECT done_at, sent_at FROM notifications_accountmail"
)


@pytest.fixture(scope="package")
def stack(breakable_stack: Stack) -> Stack:
    return breakable_stack


@dataclass
class Town:
    """Customers of joe-plumber, and everything they may break."""

    stack: Stack
    stripe: StripeControl
    shop: Shop
    free: list[str]  # times of half an hour that nobody has yet
    stripes_clock: int = 0  # seconds ahead of ours

    def quote(self) -> Answer:
        """A booking without a deposit."""
        return self.shop.book(self.shop.service("Free quote"), self.free.pop())

    def tap(self, **headers: str) -> Answer:
        """A booking with one."""
        return self.shop.book(self.shop.service("Leaking tap"), self.free.pop(), **headers)

    def buy(self) -> str:
        """Booked and paid; our side may not know yet. The booking's id."""
        held = self.tap()
        assert held.status == 201, held
        assert self.stripe.pay(held.body["payment"]["client_secret"])["status"] == "succeeded"
        return str(held.body["booking"]["id"])

    def statuses(self, ids: list[str]) -> Counter[str]:
        sql = "SELECT status FROM bookings_booking WHERE id = ANY(%s::uuid[])"
        return Counter(status for (status,) in self.stack.query(sql, ids))

    def wait_confirmed(self, ids: list[str]) -> None:
        done = wait_until(lambda: self.statuses(ids) == {"confirmed": len(ids)}, seconds=SETTLED_SECONDS)
        assert done, self.statuses(ids)

    def wait_told(self) -> None:
        """Until every message is out; then each must be there exactly once."""
        assert wait_until(
            lambda: all(done for done, _ in self.stack.query(MESSAGES)), seconds=SETTLED_SECONDS
        )
        sent = [sent for _, sent in self.stack.query(MESSAGES) if sent]
        found = Counter(self.sent_keys())
        assert set(found.values()) == {1}, found.most_common(3)
        assert len(found) == len(sent)

    def sent_keys(self) -> Iterator[str]:
        """One per mail and SMS that really left."""
        for path in (self.stack.sent / "sms").glob("*.json"):
            yield json.loads(path.read_text())["dedupe_key"]
        for path in (self.stack.sent / "mail").glob("*.eml"):
            yield str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Message-ID"])

    def sweep_payments(self) -> None:
        """What beat does with payments that have been under way for more than two minutes, and makes them that old."""
        self.stack.query(
            "UPDATE payments_payment SET created_at = created_at - interval '3 minutes',"
            " checked_at = checked_at - interval '3 minutes' RETURNING id"
        )
        self.stack.manage("shell", "-c", "from payments.tasks import sync_unsettled_payments as go; go()")

    def health(self, part: str = "") -> Answer:
        """Must answer within 3 s and say nothing about where things are."""
        answer = ask(self.stack.site_url, "GET", f"/health{part}")
        assert answer.seconds < 3
        assert not re.search(r"127\.0\.0\.1|localhost|guest|:\d{4,5}", json.dumps(answer.body))
        return answer

    def wait_healthy(self) -> None:
        assert wait_until(lambda: self.health("/all").status == 200, seconds=30), self.health("/all").body
        assert wait_until(self.reaches_its_database, seconds=30)

    def reaches_its_database(self) -> bool:
        """In every process: a pool that gave up looking for PostgreSQL looks again with the next request."""
        path = "/api/tradies/nobody-of-that-name"
        return all(ask(self.stack.site_url, "GET", path).status == 404 for _ in range(10))

    @contextmanager
    def traffic(self, act: Callable[[], Answer], *, pause: float = 0.1) -> Iterator[list[Answer]]:
        """`act` over and over, from two customers, while the block runs."""
        answers: list[Answer] = []
        over = threading.Event()

        def go_on() -> None:
            while not over.is_set():
                answers.append(act())
                time.sleep(pause)

        threads = [threading.Thread(target=go_on) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            over.set()
            for thread in threads:
                thread.join()


@pytest.fixture(scope="package")
def opened(stack: Stack) -> Town:
    shop = Shop(stack.site_url)
    free = shop.free_starts(shop.service("Leaking tap"), at_least=600)
    return Town(stack, StripeControl(stack.stripe_url), shop, free)


@pytest.fixture
def town(opened: Town) -> Iterator[Town]:
    yield opened
    opened.stripe.clear_faults()
    opened.stripe.webhooks("deliver")
    opened.wait_healthy()
    assert opened.stack.manage("check_invariants").strip().splitlines()[-1] == "0"


def all_in_the_error_shape(answers: list[Any]) -> bool:
    return all(set(answer.body) >= ERROR_NAMES for answer in answers)
