"""Loopback ports: find a free one, wait for one to answer."""

import secrets
import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"


# Above these Linux takes ports for outgoing connections, and could take one before its server does.
GIVEN_OUT = range(10_240, 32_768)


def free_port() -> int:
    while not is_free(port := secrets.choice(GIVEN_OUT)):
        pass
    return port


def free_ports_in_a_row(count: int) -> int:
    """The first of `count` consecutive ports that are all free."""
    while True:
        first = free_port()
        if all(is_free(port) for port in range(first, first + count)):
            return first


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Asks again and again; True as soon as `ready` is, False when the seconds are over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
