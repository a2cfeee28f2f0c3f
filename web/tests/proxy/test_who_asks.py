"""Web sees the address that Traefik saw, and never one that a client wrote down."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

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
