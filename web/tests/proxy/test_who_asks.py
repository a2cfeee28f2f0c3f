"""Web sees the address that Traefik saw, and never one that a client wrote down."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from django.utils.crypto import salted_hmac

from local.ports import LOOPBACK
from local.stack import Stack

from .callers import Caller

# A WSGI server makes one and the same variable of the first four.
NAMES = ["X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "X.Forwarded.For", "Forwarded", "X-Real-Ip"]
LIE = "203.0.113.7"


def tries(stack: Stack, address: str) -> int:
    """How many bookings Django counts as tried from there."""
    key = salted_hmac("peepopay.client_address", address, secret=stack.env["SECRET_KEY"], algorithm="sha256")
    rows = stack.query("SELECT count FROM peepopay_ratecount WHERE key = %s", f"book:{key.hexdigest()}")
    return int(rows[0][0]) if rows else 0


def lie_in_every_way(caller: Caller) -> None:
    json = {"Content-Type": "application/json"}
    for number, name in enumerate(NAMES, start=1):
        answer = caller.say("POST", "/api/bookings", {name: LIE} | json, b"{}")
        assert answer.status == 400
        assert tries(caller.stack, caller.address) == number, name
    assert tries(caller.stack, LIE) == 0


def test_whatever_a_client_writes_it_is_counted_at_its_own_address(somebody: Caller) -> None:
    lie_in_every_way(somebody)


def test_https_can_not_be_denied(somebody: Caller) -> None:
    for name in ("X-Forwarded-Proto", "X_Forwarded_Proto", "X.Forwarded.Proto"):
        assert somebody.say("GET", "/accounts/login/", {name: "http"}).status == 200, name


def test_only_a_load_balancer_in_our_network_may_say_whose_connection_it_hands_on(
    stack: Stack, somebody: Caller
) -> None:
    """By the PROXY protocol, ahead of everything that is said over https."""
    hand_on(somebody, "203.0.113.8")
    assert (tries(stack, somebody.address), tries(stack, "203.0.113.8")) == (1, 0)
    balancer = Caller(stack, "127.200.0.1")
    hand_on(balancer, "203.0.113.9")
    assert (tries(stack, balancer.address), tries(stack, "203.0.113.9")) == (0, 1)


def hand_on(caller: Caller, whose: str) -> None:
    """Try to book over a connection that is said to be somebody else's."""
    port = urlsplit(caller.stack.site_url).port
    plain = socket.create_connection((LOOPBACK, port or 0), timeout=10, source_address=(caller.address, 0))
    plain.sendall(f"PROXY TCP4 {whose} {LOOPBACK} 4711 443\r\n".encode())
    link = caller.connect(caller.stack.site_url)
    link.sock = caller.trusting.wrap_socket(plain, server_hostname="localhost")
    link.request("POST", "/api/bookings", b"{}", {"Content-Type": "application/json"})
    assert link.getresponse().status == 400
    link.close()
