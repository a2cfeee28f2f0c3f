"""Clients that begin a request and never finish it. Before a bare gunicorn 40 of them are enough to stop everybody."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from local.ports import LOOPBACK, wait_until
from local.stack import Stack
from local.testing.crowd import ask

from .callers import Caller
from .slow import HALF_A_HEAD, LetGo, half_a_body, half_a_head

SLOW = 200
HEALTHY = "/api/availability/joe-plumber?month=2030-01"
ROUND = 100


@contextmanager
def slow_clients(stack: Stack) -> Iterator[None]:
    """Half of them stuck in the head, half in the body; 20 to an address."""
    with ExitStack() as links:
        for number in range(SLOW):
            if number % 20 == 0:
                caller = Caller.anew(stack)
            links.enter_context((half_a_head, half_a_body)[number % 2](caller))
        yield


def p95(stack: Stack) -> float:
    """Of a healthy client's waits, in seconds."""
    link = Caller.anew(stack).connect(stack.site_url)
    waits = []
    for number in range(ROUND):
        if number % 50 == 0:  # somebody else: one alone may not ask so often
            link.close()
            link = Caller.anew(stack).connect(stack.site_url)
            link.connect()
        began = time.perf_counter()
        link.request("GET", HEALTHY)
        answer = link.getresponse()
        answer.read()
        waits.append(time.perf_counter() - began)
        assert answer.status == 200
    link.close()
    return statistics.quantiles(waits, n=20)[-1]


def ratio(stack: Stack) -> float:
    """With the slow ones, against without, one right after the other."""
    without = p95(stack)
    with slow_clients(stack):
        return p95(stack) / without


def test_two_hundred_slow_clients_do_not_slow_a_healthy_one(stack: Stack) -> None:
    p95(stack)  # so that neither round is the first
    ratios: list[float] = []
    # What else goes on on the machine can spoil a round, but not make a slow one fast.
    assert wait_until(lambda: ratios.append(ratio(stack)) or min(ratios) <= 1.5, seconds=20), ratios


def test_without_the_proxy_forty_would_stop_everybody(stack: Stack) -> None:
    """That the measure above can fail."""
    assert stack.proxy
    port = stack.proxy.second_port
    with ExitStack() as links:
        for _ in range(40):
            link = links.enter_context(socket.create_connection((LOOPBACK, port), timeout=10))
            link.sendall(HALF_A_HEAD)
        healthy = links.enter_context(socket.create_connection((LOOPBACK, port), timeout=2))
        healthy.sendall(b"GET /embed.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with pytest.raises(TimeoutError):
            healthy.recv(1)
    assert wait_until(lambda: ask(f"http://{LOOPBACK}:{port}", "GET", "/embed.js").status < 500, seconds=20)


@pytest.mark.parametrize("half", ["head", "body"])
def test_who_never_finishes_is_let_go(half: str, let_go: dict[str, LetGo]) -> None:
    assert 18 <= let_go[half].after_seconds() <= 30


def test_one_address_can_not_hold_a_body_open_more_than_a_hundred_times(
    somebody: Caller, stack: Stack
) -> None:
    with ExitStack() as links:
        for _ in range(101):
            links.enter_context(half_a_body(somebody))
        assert wait_until(lambda: somebody.ask("POST", "/api/bookings", {}).status == 429, seconds=10)
        assert Caller.anew(stack).ask("POST", "/api/bookings", {}).status == 400
