"""A hundred customers arrive at once, and each does the whole flow with one popular tradie: looks at the free times,
books one with a deposit, pays it, says so. Stripe (the demo) sends its signed webhook meanwhile, the worker acts on it
and sends the messages. Everything runs on this machine, these customers too.
"""

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.cpu import cpu_seconds
from bench.report import Report
from bench.servers import folder, servers
from local.ports import LOOPBACK, free_ports_in_a_row, wait_until
from local.stack import Stack
from local.testing.crowd import Shop
from local.testing.stripe_control import StripeControl
from peepopay import outbox

CUSTOMERS = 100
FRESH = 2  # rounds until most connections have planned most statements; more days aren't open for booking
ROUNDS = 4
SERVICE = "Leaking tap"
STEPS = ("slots", "book", "pay", "confirmed")
PROMISED = ("web", "worker", "database")  # whose CPU together
Json = dict[str, Any]


def measure(report: Report) -> None:
    stack = start(broker="rabbitmq")  # as in production
    shop = Shop(stack.site_url)
    service = shop.service(SERVICE)
    starts = shop.free_starts(service, at_least=(FRESH + ROUNDS) * CUSTOMERS + 11)
    orders = [shop.order(service, start, number) for number, start in enumerate(starts)]
    _statements(stack, report, orders.pop())
    crowd(stack, [orders.pop() for _ in range(10)])
    fresh, *_rest = _rounds(stack, orders, FRESH)
    report.figure("p95 of the whole flow, just after a start", _p95(fresh.whole), "s")
    _tell(report, _rounds(stack, orders, ROUNDS))
    stack.stop()


def start(*, broker: str = "valkey", proxied: bool = False, **environment: str) -> Stack:
    """The product on the bench's own database and cache, with a demo Stripe; what earlier measures left waiting there,
    such as tens of thousands of messages, nobody does."""
    for model in outbox.kinds():
        model._base_manager.filter(done_at=None).update(done_at=timezone.now())
    with connection.cursor() as cursor:  # as autovacuum does, sooner or later
        cursor.execute("VACUUM ANALYZE")
    # Programs of a stack log that they are ready.
    not_ours = ("STRIPE_", "SITE_URL", "LOG_LEVEL", *(["CELERY_"] if broker == "rabbitmq" else []))
    given = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
    stack = Stack(
        folder=folder / "flow",
        given=given | {"ALLOWED_HOSTS": "localhost,127.0.0.1"} | environment,
        web_port=free_ports_in_a_row(3),
        disposable=True,
        broker=broker,
        proxied=proxied,
    )
    return stack.start()


@dataclass
class Round:
    """Seconds by step and in all, of each customer; `rate` customers a second; CPU seconds of one, by program."""

    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    whole: list[float] = field(default_factory=list)
    rate: float = 0
    cpu: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _rounds(stack: Stack, orders: list[Json], number: int) -> list[Round]:
    return [_round(stack, [orders.pop() for _ in range(CUSTOMERS)]) for _ in range(number)]


def _round(stack: Stack, orders: list[Json]) -> Round:
    programs = {
        "web": [stack.processes["web"]],
        "worker": [stack.processes["worker"], stack.processes["relay"]],
        "database": [servers["postgres"]],
        "broker": [stack.rabbitmq.node] if stack.rabbitmq else [],
    }

    def spent() -> dict[str, float]:
        return {name: sum(cpu_seconds(process.pid) for process in of) for name, of in programs.items()}

    before = spent()
    found = crowd(stack, orders)
    if found.problems:
        raise RuntimeError(
            f"{len(found.problems)} of {len(orders)} customers failed; the first: {found.problems[0]}"
        )
    wait_settled(stack)
    found.cpu = {name: (after - before[name]) / len(orders) for name, after in spent().items()}
    return found


def crowd(stack: Stack, orders: list[Json]) -> Round:
    found, gate = Round(), threading.Barrier(len(orders) + 1)
    customers = [_Customer(stack, order, found, gate) for order in orders]
    for customer in customers:
        customer.start()
    gate.wait()
    began = time.perf_counter()
    for customer in customers:
        customer.join()
    found.rate = len(orders) / (time.perf_counter() - began)
    found.problems = [customer.problem for customer in customers if customer.problem]
    return found


class _Customer(threading.Thread):
    """One browser: a connection that stays open."""

    def __init__(self, stack: Stack, order: Json, found: Round, gate: threading.Barrier) -> None:
        super().__init__()
        self.stack, self.order, self.found, self.gate = stack, order, found, gate
        self.link = HTTPConnection(LOOPBACK, stack.web_port, timeout=60)
        self.problem = ""

    def run(self) -> None:
        self.link.connect()
        self.gate.wait()
        began = time.perf_counter()
        try:
            self.go()
        except Exception as problem:
            self.problem = repr(problem)
        self.found.whole.append(time.perf_counter() - began)
        self.link.close()

    def go(self) -> None:
        month, service = self.order["start"][:7], self.order["service"]
        self.timed(
            "slots",
            lambda: self.ask(
                "GET", f"/api/availability/{self.order['tradie']}?month={month}&service={service}"
            ),
        )
        made = self.timed("book", lambda: self.ask("POST", "/api/bookings", self.order))
        self.timed("pay", lambda: pay(self.stack, made["payment"]))
        change = f"/api/bookings/{made['booking']['id']}", {"status": "confirmed"}, made["token"]
        booking = self.timed("confirmed", lambda: self.ask("PATCH", *change))
        if booking["status"] != "confirmed":
            raise RuntimeError(f"paid, and still {booking['status']}")

    def timed(self, step: str, act: Callable[[], Json]) -> Json:
        began = time.perf_counter()
        answer = act()
        self.found.steps[step].append(time.perf_counter() - began)
        return answer

    def ask(self, method: str, path: str, body: Json | None = None, token: str = "") -> Json:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        self.link.request(method, path, json.dumps(body) if body else None, headers)
        response = self.link.getresponse()
        answer: Json = json.loads(response.read())
        if response.status >= 400:
            raise RuntimeError(f"{method} {path} answers {response.status}: {answer}")
        return answer


def pay(stack: Stack, payment: Json) -> Json:
    """As Stripe.js does, from the browser to Stripe."""
    link = HTTPConnection(LOOPBACK, stack.web_port + 1, timeout=60)
    intent = payment["client_secret"].partition("_secret_")[0]
    link.request("POST", f"/v1/payment_intents/{intent}/confirm", urlencode(_card(payment)))
    answer: Json = json.loads(link.getresponse().read())
    link.close()
    if answer.get("status") != "succeeded":
        raise RuntimeError(f"not paid: {answer}")
    return answer


def _card(payment: Json) -> dict[str, str]:
    return {
        "key": payment["publishable_key"],
        "_stripe_account": payment["account"],
        "client_secret": payment["client_secret"],
        "use_stripe_sdk": "true",
        "payment_method_data[type]": "card",
        "payment_method_data[card][number]": "4242424242424242",
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "2040",
        "payment_method_data[card][cvc]": "123",
    }


WAITING = """SELECT (SELECT count(*) FROM payments_stripeevent WHERE done_at IS NULL AND dead_at IS NULL)
                  + (SELECT count(*) FROM notifications_message
                     WHERE done_at IS NULL AND dead_at IS NULL AND due_at < now() + interval '1 day')"""


def wait_settled(stack: Stack) -> None:
    """Until Stripe's events have been acted on and every message is out."""
    stripe = StripeControl(stack.stripe_url)
    quiet = wait_until(lambda: not stripe.deliveries().get("due") and not _rows_waiting(), seconds=120)
    if not quiet:
        raise RuntimeError(f"{_rows_waiting()} rows are still waiting; {stripe.deliveries()}")


def _rows_waiting() -> int:
    """By a connection that stays open: opening one costs the database more than the question."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


def _statements(stack: Stack, report: Report, order: Json) -> None:
    """What each step asks of the database, counted in this process: the same code, the same database."""
    settings.STRIPE_API_BASE, settings.RATE_LIMITS = stack.stripe_url, True
    # Somebody of whom no other measure has left a booking that waits: with limits on, those count.
    client = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="192.0.2.1")
    order["customer"] |= {"email": "counted@example.com", "phone": "0412 000 001"}
    order["address"] |= {"line1": "99 Counting Street"}

    def count(step: str, act: Callable[[], Any], at_most: float | None = None) -> Json:
        with CaptureQueriesContext(connection) as queries:
            answer = act()
        if answer.status_code >= 400:
            raise RuntimeError(f"{step}: {answer.status_code} {answer.content!r}")
        report.figure(f"statements: {step}", len(queries), "", at_most=at_most)
        return dict(answer.json())

    slug, month = order["tradie"], order["start"][:7]
    count("slots, not stored", lambda: client.get(f"/api/availability/{slug}?month={month}"), at_most=1)
    made = count(
        "book", lambda: client.post("/api/bookings", order, content_type="application/json"), at_most=12
    )
    StripeControl(stack.stripe_url).pay(made["payment"]["client_secret"], made["payment"]["account"])
    path, headers = f"/api/bookings/{made['booking']['id']}", {"authorization": f"Bearer {made['token']}"}
    paid = {"status": "confirmed"}
    count("confirmed", lambda: client.patch(path, paid, headers=headers, content_type="application/json"))
    count(
        "confirmed, and known already",
        lambda: client.patch(path, paid, headers=headers, content_type="application/json"),
    )


def _tell(report: Report, rounds: list[Round]) -> None:
    print(f"  {CUSTOMERS} customers at once, {ROUNDS} rounds; the client computes on the same cores")
    report.figure("customers", median(r.rate for r in rounds), "a second")
    for step in STEPS:
        report.figure(f"p95 of {step}", median(_p95(r.steps[step]) for r in rounds), "s")
    report.figure("p95 of the whole flow", median(_p95(r.whole) for r in rounds), "s", at_most=2)
    for program in rounds[0].cpu:
        report.figure(f"CPU of a customer: {program}", median(r.cpu[program] for r in rounds) * 1000, "ms")
    whole = median(sum(r.cpu[program] for program in PROMISED) for r in rounds) * 1000
    report.figure("CPU of a customer: web, worker and database", whole, "ms", at_most=40)


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[18]
