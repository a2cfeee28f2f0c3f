"""A proxy before the demo Stripe that checks and records everything that passes."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .stripe_spec import stripe_spec

Json = dict[str, Any]
HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


class StripeProxy:
    """Listens on `port`, passes on to the demo's port, keeps `exchanges`."""

    def __init__(self, upstream_port: int) -> None:
        self.exchanges: list[Json] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.upstream_port, self._server.exchanges = upstream_port, self.exchanges
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        self.exchanges.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    upstream_port: int
    exchanges: list[Json]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests; anything else is to be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    def do_OPTIONS(self) -> None:
        self._pass_on()

    def log_message(self, *args: Any) -> None:
        """Quiet: `exchanges` has it all."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        exchange = self._begin(body.decode(errors="replace"))
        try:
            status, headers, answer = self._ask_demo(body)
        except (OSError, http.client.HTTPException):
            self._drop()
            return
        exchange["status"] = status
        if ("Content-Type", "text/html") not in headers:  # a page is a fault that the test asked for
            exchange["problems"] += _answer_problems(self.command, exchange["path"], status, answer)
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _begin(self, body: str) -> Json:
        url = urlsplit(self.path)
        problems = []
        if self.headers.get("Authorization", "").startswith("Bearer sk_"):
            problems = stripe_spec().request_problems(self.command, url.path, url.query, body, self.headers)
        exchange: Json = {
            "method": self.command,
            "path": url.path,
            "query": url.query,
            "body": body,
            "account": self.headers.get("Stripe-Account"),
            "key": self.headers.get("Idempotency-Key"),
            "status": 0,
            "problems": problems,
        }
        self.server.exchanges.append(exchange)
        return exchange

    def _ask_demo(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.upstream_port, timeout=120)
        with contextlib.closing(connection):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _drop(self) -> None:
        """The demo dropped the connection: so do we."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _answer_problems(method: str, path: str, status: int, answer: bytes) -> list[str]:
    if not path.startswith(("/v1/", "/v2/")):
        return []
    try:
        body = json.loads(answer)
    except ValueError:
        return ["the answer is not JSON"]
    return [
        f"answer {status}: {problem}" for problem in stripe_spec().answer_problems(method, path, status, body)
    ]
