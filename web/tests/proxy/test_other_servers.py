"""Traefik started anew: in a Swarm, before granian, and without limits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import unescape

import pytest

from local import programs
from local.ports import LOOPBACK, free_port, wait_until
from local.proxy import Proxy
from local.stack import Stack
from local.testing.crowd import Shop, all_at_once
from local.testing.swarm import Swarm
from local.traefik import LABELS, WEB

from .callers import Caller
from .slow import LetGo
from .test_limits import A_BOOKING
from .test_who_asks import lie_in_every_way


@pytest.fixture
def proxy(stack: Stack, let_go: dict[str, LetGo]) -> Iterator[Proxy]:
    """Before the two gunicorns again afterwards."""
    assert stack.proxy
    for link in let_go.values():  # that it ends of itself, and not because Traefik does
        link.after_seconds()
    yield stack.proxy
    start_before(stack, stack.proxy.servers(stack.web_port))


def start_before(stack: Stack, servers: list[str], docker: str = "", **settings: str) -> None:
    assert stack.proxy
    stack.processes["traefik"].kill()
    process = stack.proxy.traefik.process(servers=servers, widget=stack.proxy.nginx.url, docker=docker)
    process.env = {**process.env, **settings}
    stack.processes["traefik"] = process.start()


@pytest.fixture
def swarm(stack: Stack, proxy: Proxy) -> Iterator[Swarm]:
    """One that runs the first of the two gunicorns as its only task of web."""
    labels = LABELS | {f"{WEB}.server.port": str(stack.web_port), f"{WEB}.healthcheck.hostname": "localhost"}
    swarm = Swarm(labels, [LOOPBACK])
    start_before(stack, [], docker=swarm.endpoint)
    yield swarm
    swarm.close()


def test_in_a_swarm_it_finds_web_by_its_labels_and_says_so_when_no_task_is_left(
    swarm: Swarm, somebody: Caller
) -> None:
    def is_told(status: int) -> bool:
        return wait_until(lambda: somebody.get("/api/tradies/joe-plumber").status == status, seconds=15)

    assert is_told(200)
    swarm.tasks.clear()
    assert is_told(503)
    told = somebody.ask("POST", "/api/bookings", {})
    assert (told.status, told.code, told.headers["retry-after"]) == (503, "SERVICE_UNAVAILABLE", "5")
    page = somebody.get("/dashboard/")
    assert (page.status, "be right back" in page.body) == (503, True)
    assert [somebody.get(path).status for path in ("/book/joe-plumber", "/metrics", "/admin/")] == [
        200,
        404,
        404,
    ]
    swarm.tasks.append(LOOPBACK)
    assert is_told(200)


def test_a_swarm_makes_no_route_past_ours(swarm: Swarm, somebody: Caller) -> None:
    """Traefik makes one of each service's name, if it is let."""
    assert wait_until(lambda: somebody.get("/api/tradies/joe-plumber").status == 200, seconds=15)
    for host in ("peepopay-web", "peepopay_web"):
        answer = somebody.get("/admin/", host=host)
        assert (answer.status, "isn't quite right" in unescape(answer.body)) == (400, True)


@pytest.mark.usefixtures("proxy")
def test_without_limits_one_address_may_do_anything(stack: Stack, somebody: Caller) -> None:
    """For load tests: the variable that switches Django's limits off switches off Traefik's."""
    assert stack.proxy
    start_before(stack, stack.proxy.servers(stack.web_port), RATE_LIMITS="off")
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
