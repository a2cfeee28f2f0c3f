"""What strangers send, over the wire to the servers that the product may run on: never a 5xx, the one error shape
from our own code, and clients who send half a request keep nobody else waiting."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import booking_request, soon

from . import wire_corpus as corpus
from .openapi import CheckedClient
from .test_bad_input import FORBIDDEN, MALFORMED, NO_METHOD, NOT_FOUND, UNAUTHORIZED, VALIDATION, put, verdict
from .wire import HOST, WireClient, is_answered, read_answer, start_server

pytestmark = pytest.mark.django_db(transaction=True)
HALF_SENT = 200


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def server(request: Any, django_db_setup: None) -> Iterator[WireClient]:
    process, port = start_server(request.param)
    client = WireClient(port)
    client.name = request.param  # type: ignore[attr-defined]
    yield client
    process.stop()


@pytest.fixture
def send(server: WireClient) -> Any:
    return CheckedClient(server).send


def test_bodies_that_are_no_request(send: Any, quote: Service, subtests: Any) -> None:
    for name, body in corpus.BODIES.items():
        if len(body) < 100_000:  # longer ones are cut off before the answer can be read
            with subtests.test(name):
                assert verdict(send("POST", "/api/bookings", body)) in (MALFORMED, VALIDATION)
    for content_type in corpus.CONTENT_TYPES:
        with subtests.test(content_type):
            refused = send("POST", "/api/bookings", {}, content_type=content_type)
            assert verdict(refused) == MALFORMED
    assert not Booking.objects.exists()


def test_values_that_cannot_be_used(send: Any, sam: Tradie, quote: Service, subtests: Any) -> None:
    for place, values in corpus.BAD_VALUES.items():
        with subtests.test(place):
            for value in values:
                body = put(booking_request(quote, soon(sam)), place, value)
                assert verdict(send("POST", "/api/bookings", body)) == VALIDATION
    assert not Booking.objects.exists()


def test_addresses_and_methods_that_lead_nowhere(
    send: Any, sam: Tradie, quote: Service, subtests: Any
) -> None:
    expected = [
        *((path, NOT_FOUND) for path in corpus.UNKNOWN_ADDRESSES),
        *((path, MALFORMED) for path in corpus.WITH_NUL),
        *(
            (f"/api/availability/{sam.slug}?{query}", MALFORMED if "%00" in query else VALIDATION)
            for query in corpus.NO_DAYS
        ),
    ]
    for path, answer in expected:
        with subtests.test(path[:60]):
            assert verdict(send("GET", path)) == answer
    for path, known in corpus.METHODS.items():
        for method in corpus.ALL_METHODS - known:
            with subtests.test(f"{method} {path}"):
                assert verdict(send(method, path, {})) == NO_METHOD


def test_tokens_that_open_nothing(send: Any, quote: Service, subtests: Any) -> None:
    for name, headers in corpus.TOKENS.items():
        with subtests.test(name):
            answer = send("GET", f"/api/bookings/{corpus.NOBODY}", **headers)
            assert verdict(answer) in (UNAUTHORIZED, FORBIDDEN)


def test_what_people_really_write_comes_back_as_it_is(send: Any, sam: Tradie, quote: Service) -> None:
    for number, (place, value) in enumerate(corpus.ACCEPTED.values()):
        made = send(
            "POST", "/api/bookings", put(booking_request(quote, soon(sam, days=3 + number)), place, value)
        )
        assert made.status_code == 201
        booking, token = made.json()["booking"], made.json()["token"]
        assert (
            send("GET", f"/api/bookings/{booking['id']}", authorization=f"Bearer {token}").json() == booking
        )


def test_a_stored_answer_and_a_304_on_one_connection(server: WireClient, sam: Tradie, quote: Service) -> None:
    head = f"GET /api/availability/{sam.slug}?date={soon(sam).date()} HTTP/1.1\r\nHost: {HOST}\r\n"
    with server.open() as link:
        answers = []
        for etag in ("", "", '"known"', "*"):
            link.sendall(f"{head}{f'If-None-Match: {etag}' if etag else 'X-No: 1'}\r\n\r\n".encode())
            answers.append(read_answer(link))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 304]
    assert answers[0].content == answers[1].content == answers[2].content
    assert answers[3].content == b""


# Heads that servers understand differently: (bytes after the request line, what may come of it).
REFUSED = {400, 414, 431, 501, None}
HEADS: dict[str, tuple[str, set[int | None]]] = {
    "two hosts": (f"Host: {HOST}\r\nHost: evil.example\r\n", REFUSED),
    "another host": ("Host: evil.example\r\n", REFUSED),
    "no host": ("", REFUSED | {200, 404}),
    "a space before the colon": (f"Host : {HOST}\r\n", REFUSED),
    "a length below zero": (f"Host: {HOST}\r\nContent-Length: -5\r\n", REFUSED),
    "two lengths": (f"Host: {HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n", REFUSED),
    "20 kB in one line": (f"Host: {HOST}\r\nX-Long: {'x' * 20_000}\r\n", REFUSED | {404}),
    "500 lines": (f"Host: {HOST}\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(500)), REFUSED),
    "bytes that are no ASCII": (f"Host: {HOST}\r\nX-Bytes: \xe9\xff\r\n", REFUSED | {404}),
    "a NUL": (f"Host: {HOST}\r\nX-Nul: a\0b\r\n", REFUSED),
}


def test_heads_that_are_none(server: WireClient, sam: Tradie, subtests: Any) -> None:
    for name, (head, allowed) in HEADS.items():
        with subtests.test(name):
            assert (
                is_answered(server, f"GET /api/tradies/nobody HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
                in allowed
            )
    for line in (
        "GET /api/tradies/a\0b HTTP/1.1",
        "GET /api/" + "x" * 200_000,
        "\x16\x03\x01",
        "GET",
        "G\xe9T / HTTP/1.1",
    ):
        with subtests.test(line[:20]):
            assert is_answered(server, f"{line}\r\nHost: {HOST}\r\n\r\n".encode("latin-1")) in REFUSED


def test_a_header_can_not_be_smuggled_in_by_another_spelling(
    server: WireClient, sam: Tradie, quote: Service
) -> None:
    """`X_Forwarded_For` would read like `X-Forwarded-For`, which only a proxy may set, once both are variables."""
    if server.name == "granian":  # type: ignore[attr-defined]
        pytest.skip("it can be: see test_granian_is_not_started_behind_a_proxy_that_passes_on_any_name")
    body = json.dumps(booking_request(quote, soon(sam))).encode()
    spelled = {}
    for name in ("Idempotency_Key", "Idempotency-Key"):
        head = f"POST /api/bookings HTTP/1.1\r\nHost: {HOST}\r\n{name}: nonsense\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        spelled[name] = is_answered(server, head.encode() + body)
    assert spelled == {"Idempotency_Key": 201, "Idempotency-Key": 400}


def test_granian_is_not_started_behind_a_proxy_that_passes_on_any_name() -> None:
    serve = [sys.executable, "deploy/serve.py", "127.0.0.1:0", "no.such:application"]
    environment = os.environ | {"WEB_SERVER": "granian", "ALLAUTH_TRUSTED_PROXY_COUNT": "1"}
    refused = subprocess.run(serve, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "PROXY_DROPS_UNDERSCORES" in refused.stderr
    environment["PROXY_DROPS_UNDERSCORES"] = "true"
    started = subprocess.run(serve, env=environment, capture_output=True, text=True, check=False)
    assert "No module named 'no'" in started.stderr + started.stdout


def test_clients_that_send_half_a_head_keep_nobody_waiting(
    server: WireClient, send: Any, sam: Tradie
) -> None:
    if server.name == "gunicorn":  # type: ignore[attr-defined]
        pytest.skip("gunicorn's threads read heads themselves: a proxy has to stand before it")
    half: list[socket.socket] = []
    try:
        for _ in range(HALF_SENT):
            half.append(server.open())
            half[-1].sendall(f"GET /api/tradies/{sam.slug} HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())
        for _ in range(20):
            assert send("GET", f"/api/tradies/{sam.slug}").status_code == 200
        half[0].sendall(b"and late\r\n\r\n")
        assert read_answer(half[0]).status_code == 200
    finally:
        for link in half:
            link.close()
