"""What the programs of a running product show to Prometheus."""

from __future__ import annotations

import re

import pytest
import requests

from local.paths import CHECKOUT
from local.ports import LOOPBACK, wait_until
from local.stack import Stack
from local.testing.crowd import Shop
from local.testing.figures import named, shown_by, value
from local.testing.stripe_control import StripeControl

pytestmark = pytest.mark.slow

CHECK = "from payments.tasks import check_invariants as go; go()"
DECLINED = "4000000000000002"


@pytest.fixture(scope="module")
def stack(unlimited_stack: Stack) -> Stack:
    unlimited_stack.manage("shell", "-c", CHECK)  # as beat has it done each hour
    return unlimited_stack


def shown(stack: Stack) -> dict[str, set[str]]:
    """Every figure of which there is one -> the programs that show it."""
    found: dict[str, set[str]] = {}
    for program in stack.metrics_ports:
        for family in shown_by(stack, program):
            if family.samples:
                name = family.name + ("_total" if family.type == "counter" else "")
                found.setdefault(name, set()).add(program)
    return found


def test_the_guide_lists_every_figure_of_every_program(stack: Stack) -> None:
    guide = (CHECKOUT / "docs" / "observability.md").read_text()
    rows = re.findall(r"^\| `(peepopay_\w+)` \| ([\w, ]+) \|", guide, re.MULTILINE)
    told = {name: set(programs.split(", ")) for name, programs in rows}
    # A worker's tasks load the pages, whose figures stay 0 there.
    assert {name: programs - {"worker"} for name, programs in shown(stack).items()} == {
        name: programs - {"worker"} for name, programs in told.items()
    }
    assert {name for name, programs in told.items() if "worker" in programs} <= {
        name for name, programs in shown(stack).items() if "worker" in programs
    }


def test_every_figure_that_an_alert_or_a_board_names_is_shown(stack: Stack) -> None:
    assert named("peepopay") - set(shown(stack)) == set()
    assert len(named("peepopay")) > 10


def test_a_booking_with_its_deposit_moves_the_figures_of_web_and_of_the_worker(stack: Stack) -> None:
    def web(name: str, **labels: str) -> float:
        return value(stack, "web", name, **labels) or 0.0

    def booked() -> float:
        return web("peepopay_http_request_seconds_count", route="api/bookings", method="POST", status="2xx")

    def lists(result: str) -> float:
        return web("peepopay_slot_cache_answers_total", result=result)

    def paid(outcome: str) -> float:
        name = "peepopay_payments_total"
        return web(name, outcome=outcome) + (value(stack, "worker", name, outcome=outcome) or 0.0)

    bookings, hits, misses = booked(), lists("hit"), lists("miss")
    queries = web("peepopay_database_query_seconds_count")
    succeeded, failed = paid("succeeded"), paid("failed")
    buy(stack)
    assert booked() == bookings + 1
    assert lists("miss") > misses
    assert wait_until(lambda: lists("hit") > hits, seconds=5)  # added up every second
    assert web("peepopay_database_query_seconds_count") > queries
    wanted = (succeeded + 1, failed + 1)
    assert wait_until(lambda: (paid("succeeded"), paid("failed")) == wanted, seconds=20)


def buy(stack: Stack) -> None:
    """A customer looks for a time, books it, has their first card declined and pays with another."""
    shop, stripe = Shop(stack.site_url), StripeControl(stack.stripe_url)
    tap = shop.service("Leaking tap")
    shop.free_starts(tap, after_days=40)
    held = shop.book(tap, shop.free_starts(tap, after_days=40)[-1])
    assert held.status == 201, held
    shop.free_starts(tap, after_days=40)
    shop.free_starts(tap, after_days=40)
    secret = held.body["payment"]["client_secret"]
    stripe.pay(secret, card=DECLINED)
    assert stripe.pay(secret)["status"] == "succeeded"


@pytest.mark.parametrize("address", ["/metrics", "/metrics/", "//metrics"])
def test_the_public_port_shows_no_figures(stack: Stack, address: str) -> None:
    answer = requests.get(f"http://{LOOPBACK}:{stack.web_port}{address}", timeout=5)
    assert (answer.status_code, "peepopay_" in answer.text) == (404, False)
