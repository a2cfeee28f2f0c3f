"""A system of somebody else's that takes webhooks, or has a calendar, over https: on an address of this machine's
loopback, with a certificate of an authority that only the test trusts."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from peepopay import outbound

HOME = (
    "127.0.0.1"  # the test stands in for the internet here: the only address of a stack that may be reached
)
NAMES = ("localhost", "hooks.example.com", HOME, "127.0.0.2", "::1")


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass
class Receiver:
    """`answer`: the status it gives, or what it does instead. `got`: what came."""

    port: int = 0
    answer: int | Callable[[http.server.BaseHTTPRequestHandler], None] = 200
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/hooks"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(*NAMES)


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Certificates of the authority are good in this test, as those of a public one are elsewhere."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    outbound.tls.cache_clear()
    yield
    outbound.tls.cache_clear()


Start = Callable[..., Receiver]


@pytest.fixture
def start_receiver(certificate: trustme.LeafCert) -> Iterator[Start]:
    """`start_receiver("127.0.0.2")`; at a free port, or at `port`."""
    servers = []

    def start(address: str = HOME, port: int = 0) -> Receiver:
        receiver = Receiver()
        server = http.server.ThreadingHTTPServer((address, port), handler_of(receiver))
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        servers.append(server)
        return receiver

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(start_receiver: Start, trusted: None, settings: Any) -> Receiver:
    """One that may be reached, as if its address were public."""
    settings.WEBHOOK_PRIVATE_NETWORKS = [f"{HOME}/32"]
    return start_receiver()


def handler_of(receiver: Receiver) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_PROPFIND(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.path, headers, body))
            if callable(receiver.answer):
                receiver.answer(self)
            else:
                self.send_response(receiver.answer)
                self.end_headers()
                self.wfile.write(b"Thanks.")

        def log_message(self, *words: object) -> None:
            pass

    return Handler


def redirect_to(url: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", url)
        handler.end_headers()

    return answer


def page(html: str, **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    """With `Content_Security_Policy` as the header of that name."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"Content-Type": "text/html", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(html.encode())

    return answer


def gives(content: bytes, etag: str = "") -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    """A file; to who has it already, that it is the same."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        is_same = etag and handler.headers["If-None-Match"] == etag
        handler.send_response(304 if is_same else 200)
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(b"" if is_same else content)

    return answer


def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    """A head that never ends, a byte at a time: each piece comes in good time."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        pass


def flood(handler: http.server.BaseHTTPRequestHandler) -> None:
    """A body that never ends."""
    try:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        pass


def hang_up(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.connection.close()
