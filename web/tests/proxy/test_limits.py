"""How much one address may ask for, and how it is told that this was too much."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from local.stack import Stack
from local.testing.crowd import Answer, all_at_once

from .callers import Caller

A_BOOKING = f"/api/bookings/{uuid.UUID(int=7)}"
MANY = 2_000  # more than any limit here lets through, however slow the machine


def until_refused(caller: Caller, method: str, path: str, at_once: int = 1) -> tuple[int, Answer]:
    """-> how many were let through, and the refusal."""
    through = 0
    while through < MANY:
        answers = all_at_once([partial(caller.ask, method, path)] * at_once)
        refused = [answer for answer in answers if answer.status == 429]
        through += at_once - len(refused)
        if refused:
            return through, refused[0]
    raise AssertionError(f"{path} was never refused")


def test_changes_are_few_and_the_refusal_is_in_the_apis_shape(somebody: Caller, stack: Stack) -> None:
    through, refused = until_refused(somebody, "PATCH", A_BOOKING)
    assert through >= 30
    assert (refused.code, refused.body["statusCode"], refused.headers["retry-after"]) == (
        "RATE_LIMITED",
        429,
        "60",
    )
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    assert somebody.get("/api/tradies/joe-plumber").status == 200, "reading goes on"
    assert Caller.anew(stack).ask("PATCH", A_BOOKING).status == 401, "another address is another person"


def test_sign_ins_are_fewer_and_the_refusal_is_a_page(somebody: Caller) -> None:
    through, refused = until_refused(somebody, "POST", "/accounts/login/")
    assert 15 <= through < 30
    assert (refused.headers["retry-after"], "Please wait a moment" in refused.body) == ("60", True)
    assert somebody.get("/accounts/login/").status == 200


def test_what_django_says_of_its_own_limits_passes(somebody: Caller) -> None:
    """At most 20 bookings in 10 minutes, and it knows when those are over."""
    through, refused = until_refused(somebody, "POST", "/api/bookings")
    assert through == 20
    assert refused.code == "RATE_LIMITED"
    assert refused.headers["x-frame-options"] == "DENY", "Django's own headers"
    assert 0 < int(refused.headers["retry-after"]) <= 600


def test_also_of_forms_and_of_assistants(somebody: Caller, stack: Stack) -> None:
    """What they typed is still there, and the number to call."""
    given = "name=Jo&phone=0400000001&about=A+leak&website=&shown="
    form = {"content_type": "application/x-www-form-urlencoded"}
    answers = [somebody.ask("POST", "/book/joe-plumber/call", given.encode(), **form) for _ in range(8)]
    assert (answers[-1].status, "A leak" in answers[-1].body) == (429, True)
    _, refused = until_refused(somebody, "POST", "/mcp", at_once=8)
    assert refused.code == "RATE_LIMITED"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/tradies/joe-plumber", "RATE_LIMITED"),
        ("/accounts/login/", "Please wait a moment"),
        ("/embed.js", "Too Many"),
    ],
)
def test_a_flood_is_stopped(path: str, said: str, somebody: Caller, stack: Stack) -> None:
    through, refused = until_refused(somebody, "GET", path, at_once=8)
    assert through >= 80
    assert said in str(refused.body)
    assert int(refused.headers["retry-after"]) > 0
    assert Caller.anew(stack).get(path).status == 200


def test_stripe_may_call_as_often_as_it_likes(somebody: Caller) -> None:
    answers = all_at_once([partial(somebody.ask, "POST", "/webhooks/stripe", {})] * 95)
    assert {answer.status for answer in answers} == {400}
