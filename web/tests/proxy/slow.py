"""Requests that are begun and never finished."""

from __future__ import annotations

import ssl
import threading
import time
from urllib.parse import urlsplit

from .callers import Caller

HALF_A_HEAD = b"POST /api/bookings HTTP/1.1\r\nHost: localhost\r\nContent-"


def half_a_head(caller: Caller) -> ssl.SSLSocket:
    return caller.begin(HALF_A_HEAD)


def half_a_body(caller: Caller) -> ssl.SSLSocket:
    host = urlsplit(caller.stack.site_url).netloc
    head = f"POST /api/bookings HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 400"
    return caller.begin(f"{head}\r\n\r\n{{".encode())


class LetGo(threading.Thread):
    """Holds a connection open, saying nothing, until the other side ends it."""

    def __init__(self, link: ssl.SSLSocket) -> None:
        super().__init__(daemon=True)
        self.link, self.began = link, time.monotonic()
        self.ended = 0.0
        self.start()

    def run(self) -> None:
        with self.link:
            self.link.settimeout(60)
            while self.link.recv(4096):
                pass
        self.ended = time.monotonic()

    def after_seconds(self) -> float:
        """How long that took; waits for it."""
        self.join(60)
        return self.ended - self.began
