"""Twilio's message resource on loopback, as far as we use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import requests

ACCOUNT, SECRET, FROM = "AC0123", "twilio-secret", "+61480000000"


class FakeTwilio:
    """`received` holds what was accepted. `status`, `code`: what it answers; `delay_seconds`: after how long."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.status = 201
        self.code = 20003
        self.delay_seconds = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def hand_on(
        self, site: str, number: str, body: str, sid: str, *, copies: int = 1, signed_with: str = SECRET
    ) -> list[int]:
        """What somebody texted back, to our webhook and signed as Twilio signs; returns the status of each answer."""
        url = f"{site}/webhooks/sms"
        fields = {"From": number, "To": FROM, "Body": body, "MessageSid": sid}
        text = url + "".join(name + fields[name] for name in sorted(fields))
        digest = hmac.new(signed_with.encode(), text.encode(), hashlib.sha1).digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        return [
            requests.post(url, data=fields, headers=headers, timeout=10).status_code for _ in range(copies)
        ]

    def _handler(outer: FakeTwilio) -> type[BaseHTTPRequestHandler]:
        credentials = "Basic " + base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                time.sleep(outer.delay_seconds)
                status = outer.status if self.headers["Authorization"] == credentials else 401
                if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
                    status = 404
                if status == 201:
                    outer.received.append(dict(parse_qsl(sent)))
                body = json.dumps(
                    {"sid": "SM1"} if status == 201 else {"code": outer.code, "status": status}
                ).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quietly."""

        return Handler
