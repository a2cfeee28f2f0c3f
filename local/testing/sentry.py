"""A stand-in for Sentry on loopback: takes the envelopes that the real SDK sends, as it sends them."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sentry_sdk.envelope import Envelope

from local.ports import LOOPBACK, wait_until

Event = dict[str, Any]


@dataclass
class Sentry:
    """`status`: what it answers; None: nothing, however long one waits. `raw`: what came, unpacked."""

    port: int = 0
    status: int | None = 200
    raw: list[bytes] = field(default_factory=list)
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def dsn(self) -> str:
        return f"http://0123456789abcdef@{LOOPBACK}:{self.port}/2"

    def events(self) -> list[Event]:
        envelopes = [Envelope.deserialize(body) for body in list(self.raw)]
        return [event for envelope in envelopes if (event := envelope.get_event()) is not None]

    def of(self, wanted: Callable[[Event], bool], *, seconds: float = 10) -> list[Event]:
        """Waits for at least one of them."""
        wait_until(lambda: any(map(wanted, self.events())), seconds=seconds)
        return [event for event in self.events() if wanted(event)]

    def of_request(self, request_id: str) -> list[Event]:
        return self.of(lambda event: event["tags"].get("request_id") == request_id)


@contextmanager
def running() -> Iterator[Sentry]:
    sentry = Sentry()
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler_of(sentry))
    server.daemon_threads = True
    sentry.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield sentry
    finally:
        sentry.over.set()
        server.shutdown()
        server.server_close()


def handler_of(sentry: Sentry) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            sentry.asked += 1
            if sentry.status is None:
                sentry.over.wait()
                return
            sentry.raw.append(gzip.decompress(body) if packed else body)
            with suppress(OSError):
                self.send_response(sentry.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *words: object) -> None:
            pass

    return Handler
