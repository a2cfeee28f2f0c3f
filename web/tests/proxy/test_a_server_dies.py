"""Web servers that are killed or freeze while customers book."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.request import urlopen

from local.ports import answers, wait_until
from local.stack import Stack
from local.testing.crowd import Answer, Body, Shop

from .callers import Caller

AT_ONCE, EACH = 8, 6  # customers


@dataclass(frozen=True)
class Asked:
    method: str
    began: float
    ended: float
    status: int
    code: str


class Customers(threading.Thread):
    """One after the other, each from an address of their own: looks at a day, and books a time of it."""

    def __init__(self, stack: Stack, shop: Shop, service: Body, starts: list[str], first: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.shop, self.service = stack, shop, service
        self.starts, self.first = starts, first
        self.asked: list[Asked] = []

    def run(self) -> None:
        for number, start in enumerate(self.starts, self.first):
            caller = Caller.anew(self.stack)
            self.note("GET", partial(caller.get, f"/api/availability/joe-plumber?date={start[:10]}"))
            self.note("POST", partial(caller.ask, "POST", "/api/bookings", self.order(start, number)))

    def note(self, method: str, act: Callable[[], Answer]) -> None:
        began = time.monotonic()
        answer = act()
        self.asked.append(Asked(method, began, time.monotonic(), answer.status, answer.code))

    def order(self, start: str, number: int) -> Body:
        order = self.shop.order(self.service, start, number)
        order["customer"] |= {"phone": f"0412 345 {number:03}", "email": f"in-the-crowd-{number}@example.com"}
        return order


def crowd(stack: Stack) -> list[Customers]:
    shop = Shop(stack.site_url, connect=Caller.anew(stack).connect)
    service = shop.service("Free quote")
    step = 4  # quarters of an hour: no two of them get in each other's way
    starts = shop.free_starts(service, at_least=AT_ONCE * EACH * step, after_days=20)[::step]
    return [
        Customers(stack, shop, service, starts[n * EACH : (n + 1) * EACH], n * EACH) for n in range(AT_ONCE)
    ]


def is_up(stack: Stack, port: int) -> bool:
    """Whether Traefik thinks so of the web server there; it begins to speak of it when it has looked."""
    assert stack.proxy
    with urlopen(f"http://127.0.0.1:{stack.proxy.traefik.private_port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return any("service_server_up" in line and f":{port}" in line and line.endswith(" 1") for line in lines)


def test_a_gunicorn_killed_under_load_loses_only_what_it_had_in_hand(stack: Stack) -> None:
    assert stack.proxy
    queues = crowd(stack)
    for queue in queues:
        queue.start()
    assert wait_until(lambda: sum(len(queue.asked) for queue in queues) > 2 * AT_ONCE, seconds=30)
    before = time.monotonic()
    stack.processes["web 2"].kill()
    # That waits for gunicorn's first process. Its worker, which has the sockets, takes a little longer to be gone.
    assert wait_until(lambda: not answers(stack.proxy.second_port), seconds=10)
    killed = time.monotonic()
    for queue in queues:
        queue.join(60)
    stack.processes["web 2"].start()
    asked = [request for queue in queues for request in queue.asked]

    lost = [request for request in asked if request.status not in (200, 201)]
    assert [request for request in lost if request.began > killed or request.ended < before] == []
    assert {request.code for request in lost} <= {"SERVICE_UNAVAILABLE"}
    for method in ("GET", "POST"):
        assert len([one for one in asked if one.method == method and one.began > killed]) > AT_ONCE
    # One that had been sent twice would have met itself, and been told 409.
    made = stack.query("SELECT count(*) FROM bookings_booking WHERE customer_email LIKE 'in-the-crowd-%%'")
    told = len([request for request in asked if request.status == 201])
    assert told <= made[0][0] <= told + len(lost)
    assert wait_until(lambda: is_up(stack, stack.proxy.second_port), seconds=20)


@contextmanager
def frozen(stack: Stack, name: str, port: int) -> Iterator[None]:
    """From when Traefik has noticed, and at the end until it has noticed that it is back."""
    assert wait_until(lambda: is_up(stack, port), seconds=20)
    stack.processes[name].freeze()
    try:
        assert wait_until(lambda: not is_up(stack, port), seconds=20)
        yield
    finally:
        stack.processes[name].thaw()
        assert wait_until(lambda: is_up(stack, port), seconds=20)


def test_a_frozen_server_gets_no_requests_and_when_none_is_left_people_read_our_words(
    stack: Stack, somebody: Caller
) -> None:
    assert stack.proxy
    with frozen(stack, "web 2", stack.proxy.second_port):
        found = [somebody.get("/api/me") for _ in range(10)]
        assert {answer.status for answer in found} == {401}
        assert max(answer.seconds for answer in found) < 2
        with frozen(stack, "web", stack.web_port):
            for method, path in (("GET", "/api/me"), ("POST", "/api/bookings"), ("POST", "/webhooks/stripe")):
                told = somebody.ask(method, path, {} if method == "POST" else None)
                assert (told.status, told.code, told.headers["retry-after"]) == (
                    503,
                    "SERVICE_UNAVAILABLE",
                    "5",
                )
            page = somebody.get("/dashboard/")
            assert (page.status, page.headers["retry-after"]) == (503, "5")
            assert "be right back" in page.body
            assert somebody.get("/book/joe-plumber").status == 200
    assert somebody.get("/api/tradies/joe-plumber").status == 200
