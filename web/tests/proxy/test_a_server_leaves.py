"""A web server that is told to stop behind a proxy, as in every roll-out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from local.ports import LOOPBACK, wait_until
from local.processes import Process
from local.stack import Stack

LEAVE_SECONDS = 600  # longer than any machine needs for the test


def status(stack: Stack, path: str) -> int:
    """What the second server answers; 0 for nothing in time."""
    assert stack.proxy
    try:
        with urlopen(f"http://{LOOPBACK}:{stack.proxy.second_port}{path}", timeout=5) as answer:
            return int(answer.status)
    except HTTPError as problem:
        return problem.code
    except OSError:
        return 0


@pytest.fixture
def server(stack: Stack) -> Iterator[Process]:
    """The second one, which leaves slowly; as it was afterwards."""
    usual = stack.processes["web 2"]
    usual.stop()
    slow = replace(usual, env={**usual.env, "LEAVE_SECONDS": str(LEAVE_SECONDS)}, child=None).start()
    assert wait_until(lambda: status(stack, "/health") == 200, seconds=60)
    yield slow
    slow.stop()
    usual.start()


def test_it_says_so_and_answers_until_it_is_told_again(stack: Stack, server: Process) -> None:
    server.ask_to_stop()
    assert wait_until(lambda: status(stack, "/health") == 503, seconds=30)
    assert status(stack, "/health/db") == 200
    server.ask_to_stop()
    assert server.child
    assert server.child.wait(timeout=30) == 0
