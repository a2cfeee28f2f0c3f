"""The web servers themselves, each on the test's own database, and what to say to them byte by byte."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection

from local.ports import LOOPBACK, free_port
from local.processes import Process, temporary_folder

HOST = "testserver"
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """As far as Django's test client and ours are alike."""

    status_code: int
    headers: HTTPMessage  # takes names in any case, as they come
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    def __getitem__(self, name: str) -> str:
        return str(self.headers[name])


class WireClient:
    """Sends what Django's test client would, over a connection of its own each time."""

    def __init__(self, port: int) -> None:
        self.port = port

    def generic(
        self, method: str, path: str, data: bytes, content_type: str, headers: dict[str, str]
    ) -> Answer:
        lines = [f"{method} {quote(path, safe='/?=&%[]:')} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return self.say("\r\n".join([*lines, "", ""]).encode("latin-1") + data)

    def say(self, raw: bytes) -> Answer:
        """The first answer to these bytes. Raises OSError or HTTPException if there is none."""
        with self.open() as link:
            # A server may answer, and close, before it has read everything.
            with suppress(ConnectionError):
                link.sendall(raw)
            return read_answer(link)

    def open(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), timeout=PATIENCE_SECONDS)


def read_answer(link: socket.socket) -> Answer:
    answer = HTTPResponse(link)
    answer.begin()
    return Answer(answer.status, answer.headers, answer.read())


def is_answered(client: WireClient, raw: bytes) -> int | None:
    """The status, or None where the server closed without a word."""
    try:
        return client.say(raw).status_code
    except (OSError, HTTPException):
        return None


def environment() -> dict[str, str]:
    """For a program of the product on the database of this test run."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        **os.environ,
        "DATABASE_URL": database.geturl(),
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"http://{HOST}",
        "RATE_LIMITS": "off",
        "DEBUG": "true",  # static files without their manifest, as in all tests
    }


def start_server(name: str, **more: str) -> tuple[Process, int]:
    """`gunicorn` or `granian` as deploy/serve.py starts it, on the database of this test run."""
    port = free_port()
    process = Process(
        name=name,
        argv=[sys.executable, "deploy/serve.py", f"{LOOPBACK}:{port}"],
        cwd=Path(settings.BASE_DIR),
        log=temporary_folder("wire") / f"{name}.log",
        env=environment() | {"WEB_SERVER": name} | more,
        ready=lambda: (
            is_answered(WireClient(port), f"GET /health/redis HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
            == 200
        ),
    )
    return process.start(), port
