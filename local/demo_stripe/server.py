"""HTTP in and out: the API, the browser's files, the onboarding page and the control endpoint on one port."""

from __future__ import annotations

import json
import socket
import struct
import sys
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from . import browser, control
from .errors import StripeError
from .gateway import Answer, ConnectionLost, Gateway
from .params import Params, decode_form, decode_multipart

LARGEST_BODY = 1_000_000
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Stripe-Account, Stripe-Version, Idempotency-Key",
    "Access-Control-Max-Age": "300",
}


class DemoServer(ThreadingHTTPServer):
    """Listens on the loopback address only."""

    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, port: int, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.gateway = gateway

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: DemoServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_OPTIONS(self) -> None:
        self._send(Answer(204, b"", dict(CORS)))

    def log_message(self, *args: Any) -> None:
        """Quiet: the request log of `/_control/requests` has it all."""

    @cached_property
    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            raise StripeError("Request body too large.", status=413)
        return self.rfile.read(length)

    def _answer(self) -> None:
        self.__dict__.pop("_body", None)  # one handler serves every request of a connection
        try:
            self._send(self._route(urlsplit(self.path)))
        except StripeError as error:
            self._send(Answer(error.status, json.dumps(error.body()).encode()))
        except ConnectionLost:
            self._drop()

    def _route(self, url: SplitResult) -> Answer:
        body = self._body
        if url.path.startswith("/_control"):
            return self._control(url)
        if url.path.startswith(("/v1/", "/v2/", "/_demo/payment_intents/", "/_demo/setup_intents/")):
            answer = self.server.gateway.answer(self.command, url.path, self.headers, self._params(url, body))
            answer.headers |= CORS if self.headers.get("Origin") else {}
            return answer
        self.server.gateway.deliver_file(self.command, url.path)
        return browser.answer(self.server.gateway.world, self.command, url.path, body.decode())

    def _params(self, url: SplitResult, body: bytes) -> Params:
        if self.command == "GET":
            return decode_form(url.query)
        if "json" in (self.headers.get("Content-Type") or ""):
            return _json_object(body)
        if self.headers.get_content_type() == "multipart/form-data":
            return decode_multipart(body, self.headers["Content-Type"])
        return decode_form(body.decode(errors="replace"))

    def _control(self, url: SplitResult) -> Answer:
        if self.command == "POST":
            # Another site's page can't send this type without asking first, and is never told yes.
            if self.headers.get_content_type() != "application/json":
                raise StripeError("Send application/json.", status=415)
            params = _json_object(self._body)
        else:
            params = decode_form(url.query)
        result = control.answer(self.server.gateway, self.command, url.path, params)
        return Answer(200, json.dumps(result).encode())

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, no-store"} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _drop(self) -> None:
        """Ends the connection with a TCP reset, as a crashed server would."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _json_object(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise StripeError("Invalid JSON in the request body.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise StripeError("The request body must be a JSON object.", code="invalid_json")
    return value
