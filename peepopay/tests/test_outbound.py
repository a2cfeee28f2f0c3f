"""Requests to addresses that somebody else chose: none gets to where only we can get, and none lasts for long."""

from __future__ import annotations

import ipaddress
import itertools
import socket
import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from local.testing import receiver as kinds
from local.testing.receiver import Receiver, Start
from peepopay import outbound
from peepopay.outbound import NotPublic, NotReached, clean_url, is_public, post

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # where clouds tell a machine its secrets
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",  # the same of another cloud
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "203.0.114.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
# Names that need no server to be looked up: each is this machine, or one beside it.
SPELLINGS = [
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "[::1]",
]
SPELLINGS += [
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "169.254.169.254",
    "10.0.0.1",
    "[fe80::1]",
    "LocalHost",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_everybodys_is_private(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_an_operator_may_open_a_network(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["10.20.0.0/16", "fd00:20::/32"]
    for address, opened in (("10.20.3.4", True), ("10.21.3.4", False), ("fd00:20::4", True), ("::1", False)):
        assert is_public(ipaddress.ip_address(address)) == opened
    assert is_public(ipaddress.ip_address("::ffff:10.20.3.4"))


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_connected_to(host: str, start_receiver: Start, trusted: None) -> None:
    trap = start_receiver("0.0.0.0")
    with pytest.raises(NotPublic, match="private address"):
        post(f"https://{host}:{trap.port}/", b"{}", {})
    assert trap.got == []


def test_what_a_name_led_to_when_it_was_judged_is_where_the_connection_goes(
    start_receiver: Start, trusted: None, settings: Any
) -> None:
    """A name that leads elsewhere each time it is looked up: to a public address first, and then into our network."""
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.2/32"]  # stands for the internet
    public = start_receiver("127.0.0.2")
    trap = start_receiver("127.0.0.1", public.port)
    answers = itertools.chain(["127.0.0.2"], itertools.repeat("127.0.0.1"))
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return socket.getaddrinfo(next(answers), port, type=socket.SOCK_STREAM)

    assert post(f"https://hooks.example.com:{public.port}/", b"{}", {}, resolve=rebinding).status == 200
    assert (len(public.got), len(trap.got), asked) == (1, 0, ["hooks.example.com"])
    with pytest.raises(NotPublic):  # and now that it leads there
        post(f"https://hooks.example.com:{public.port}/", b"{}", {}, resolve=rebinding)
    assert trap.got == []


def test_a_name_that_leads_to_both_is_refused(settings: Any, start_receiver: Start, trusted: None) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.2/32"]
    public = start_receiver("127.0.0.2")

    def both(host: str, port: int, **_: Any) -> list[Any]:
        return [
            *socket.getaddrinfo("127.0.0.2", port, type=socket.SOCK_STREAM),
            *socket.getaddrinfo("10.0.0.1", port, type=socket.SOCK_STREAM),
        ]

    with pytest.raises(NotPublic):
        post(f"https://hooks.example.com:{public.port}/", b"{}", {}, resolve=both)
    assert public.got == []


def test_the_second_address_is_tried_where_the_first_does_not_answer(
    settings: Any, start_receiver: Start, trusted: None
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8", "::1/128"]
    public = start_receiver("127.0.0.2")

    def two(host: str, port: int, **_: Any) -> list[Any]:
        return [place for name in ("::1", "127.0.0.2") for place in socket.getaddrinfo(name, port)[:1]]

    assert post(f"https://hooks.example.com:{public.port}/", b"{}", {}, resolve=two).status == 200


def test_it_sends_what_it_is_given_and_reads_the_answer(receiver: Receiver) -> None:
    url = f"{receiver.url}/joe?key=1"
    answer = post(url, b'{"a": 1}', {"Content-Type": "application/json", "X-Note": "hello"})
    assert (answer.status, answer.text) == (200, "Thanks.")
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hooks/joe?key=1", b'{"a": 1}')
    assert got.headers["host"] == f"localhost:{receiver.port}"
    assert (got.headers["x-note"], got.headers["content-length"]) == ("hello", "8")


def test_a_redirect_is_followed_by_nobody(receiver: Receiver, start_receiver: Start) -> None:
    trap = start_receiver()
    receiver.answer = kinds.redirect_to(trap.url)
    assert post(receiver.url, b"{}", {}).status == 307
    assert trap.got == []


def test_plain_http_is_never_spoken(receiver: Receiver) -> None:
    with pytest.raises(NotPublic, match="https"):
        post(receiver.url.replace("https:", "http:"), b"{}", {})


def test_a_certificate_of_another_name_or_of_nobody_we_know_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(host: str, port: int, **_: Any) -> list[Any]:
        return socket.getaddrinfo("127.0.0.1", port)

    with pytest.raises(NotReached, match=r"certificate isn't valid: .*mismatch"):
        post(f"https://other.example.com:{receiver.port}/", b"{}", {}, resolve=here)
    monkeypatch.delenv("SSL_CERT_FILE")
    outbound.tls.cache_clear()
    with pytest.raises(NotReached, match="certificate isn't valid"):
        post(receiver.url, b"{}", {})
    assert receiver.got == []


@pytest.mark.parametrize("answer", [kinds.drip, lambda handler: time.sleep(5)], ids=["drips", "says nothing"])
def test_an_answer_that_does_not_end_is_cut_off(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(outbound, "ALL_SECONDS", 0.5)
    receiver.answer = answer
    began = time.monotonic()
    with pytest.raises(NotReached, match="in time"):
        post(receiver.url, b"{}", {})
    assert time.monotonic() - began < 3


def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = kinds.flood
    answer = post(receiver.url, b"{}", {})
    assert (answer.status, len(answer.text)) == (200, outbound.MOST_READ)


def test_what_speaks_no_https_or_hangs_up_is_not_reached(receiver: Receiver, settings: Any) -> None:
    receiver.answer = kinds.hang_up
    with pytest.raises(NotReached, match="connection failed"):
        post(receiver.url, b"{}", {})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    with pytest.raises(NotReached, match="ConnectionRefusedError"):
        post(
            f"https://localhost:{port}/",
            b"{}",
            {},
            resolve=lambda *_, **__: socket.getaddrinfo("127.0.0.1", port),
        )


def test_a_name_that_nobody_knows_or_that_is_looked_up_for_ever_is_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    def slow(*_: Any, **__: Any) -> list[Any]:
        time.sleep(1)
        return []

    monkeypatch.setattr(outbound, "LOOK_UP_SECONDS", 0.2)
    for resolve in (unknown, slow):
        with pytest.raises(NotReached, match="DNS"):
            post("https://hooks.example.com/", b"{}", {}, resolve=resolve)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://hooks.example.com/joe ", "https://hooks.example.com/joe"),
        ("https://Hooks.Example.com", "https://hooks.example.com"),
        ("https://hooks.example.com:8443/a?b=c#d", "https://hooks.example.com:8443/a?b=c"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://1.1.1.1/x", "https://1.1.1.1/x"),
    ],
)
def test_an_address_is_kept_as_it_is_used(typed: str, kept: str) -> None:
    assert clean_url(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("http://hooks.example.com/", "begins with https"),
        ("ftp://hooks.example.com/", "begins with https"),
        ("hooks.example.com", "begins with https"),
        ("https://", "begins with https"),
        ("https://hooks.example.com\\@10.0.0.1/", "user name and password"),
        ("https://hooks.example.com/\r\nHost: x", "begins with https"),
        ("https://user:secret@hooks.example.com/", "user name and password"),
        ("https://localhost/", "your network only"),
        ("https://localhost:8000/", "your network only"),
        ("https://127.0.0.1/", "isn't on the internet"),
        ("https://[::1]/", "isn't on the internet"),
        ("https://hooks.example.com:25/", "Use port 443"),
        ("https://hooks.example.com/" + "x" * 500, "too long"),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_with_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        clean_url(typed)
