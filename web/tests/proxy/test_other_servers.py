"""Traefik started anew: before granian, before nobody, and without limits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from local import programs
from local.ports import LOOPBACK, free_port
from local.proxy import Proxy
from local.stack import Stack
from local.testing.crowd import Shop, all_at_once

from .callers import Caller
from .test_limits import A_BOOKING
from .test_who_asks import lie_in_every_way


@pytest.fixture
def proxy(stack: Stack) -> Iterator[Proxy]:
    """Before the two gunicorns again afterwards."""
    assert stack.proxy
    yield stack.proxy
    start_before(stack, stack.proxy.servers(stack.web_port))


def start_before(stack: Stack, servers: list[str]) -> None:
    assert stack.proxy
    stack.proxy.traefik.name_servers(servers)
    stack.processes["traefik"].kill()
    stack.processes["traefik"].start()


@pytest.mark.usefixtures("proxy")
def test_with_no_server_left_everybody_is_told_so_in_our_words(stack: Stack, somebody: Caller) -> None:
    """As when the last task of web is gone from the Swarm: then Traefik has no routes to it any more."""
    start_before(stack, [])
    told = somebody.ask("POST", "/api/bookings", {})
    assert (told.status, told.code, told.headers["retry-after"]) == (503, "SERVICE_UNAVAILABLE", "5")
    page = somebody.get("/dashboard/")
    assert (page.status, "be right back" in page.body) == (503, True)
    assert somebody.get("/book/joe-plumber").status == 200
    assert somebody.get("/metrics").status == 404


@pytest.mark.usefixtures("proxy")
def test_without_limits_one_address_may_do_anything(stack: Stack, somebody: Caller) -> None:
    """For load tests: the variable that switches Django's limits off switches off Traefik's."""
    assert stack.proxy
    traefik = stack.processes["traefik"]
    limited = traefik.env
    traefik.env = {**limited, "RATE_LIMITS": "off"}
    start_before(stack, stack.proxy.servers(stack.web_port))
    traefik.env = limited
    answers = all_at_once([partial(somebody.ask, "PATCH", A_BOOKING)] * 110)
    assert {answer.status for answer in answers} == {401}


@pytest.mark.usefixtures("proxy")
def test_granian_serves_behind_it_as_gunicorn_does(stack: Stack, somebody: Caller) -> None:
    port = free_port()
    server = programs.web(stack, port)
    server.env = {**server.env, "WEB_SERVER": "granian"}
    server.start()
    try:
        start_before(stack, [f"http://{LOOPBACK}:{port}"])
        shop = Shop(stack.site_url, connect=somebody.connect)
        service = shop.service("Free quote")
        made = shop.book(service, shop.free_starts(service)[0])
        assert made.status == 201, made
        assert shop.change(made, {"status": "cancelled"}).body["status"] == "cancelled"
        assert somebody.get("/accounts/login/").status == 200
        lie_in_every_way(Caller.anew(stack))
    finally:
        server.stop()
