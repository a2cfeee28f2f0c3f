"""Customers as they are: they open the page, read, choose, type, pay and wait until told, with pauses in between.

One alone first, then 100 within 20 seconds and 1,000 within a minute, all with one business and so for one calendar.
Every twentieth first tries for a time that was just given to another, as it happens on a busy page, and must get a 409.
Everything runs on this machine, these customers too; what they compute themselves is told, so that one sees that they
are not what is slow.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Tradie
from availability.models import WorkingHours
from bench import flow
from bench.report import Report
from local.stack import Stack
from local.testing.crowd import Answer, Shop, ask
from payments import invariants

SIZES = (100, 1_000)
PROMISED_TO = 100  # at a time; how 1,000 fare is told without a promise
ALONE = 10  # customers one after the other, without a pause: what a step takes on an idle product
ARRIVE_SECONDS = 60.0  # all 1,000 have come by then, and 100 in a third of it
THINK_SECONDS = {
    "page": 1.0,
    "profile": 2.0,
    "month": 4.0,
    "day": 3.0,
    "book": 8.0,
    "pay": 1.0,
    "confirm": 0.0,
}
LATE_ONE_IN = 20
TOLD_SECONDS = 60.0
Json = dict[str, Any]


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 do not exceed; between two of them, in proportion."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


@dataclass
class Seen:
    """Seconds by step, of all customers; what went wrong; how many were refused a time that was gone."""

    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    problems: list[str] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0
    cpu: float = 0


def measure(report: Report) -> None:
    stack = flow.start()
    open_around_the_clock("joe-plumber")
    shop = Shop(stack.site_url)
    service = shop.service(flow.SERVICE)
    wanted = sum(SIZES) + 2 * ALONE
    starts = shop.free_starts(service, at_least=4 * wanted)[::4]  # those that do not meet
    orders = [shop.order(service, start, who) for who, start in enumerate(starts[:wanted])]
    dice = random.Random(1)

    def take(number: int) -> list[Json]:
        return [orders.pop() for _ in range(number)]

    visit(stack, take(ALONE), dice, hurried=True, together=False)  # warms it
    alone = visit(stack, take(ALONE), dice, hurried=True, together=False)
    tell_alone(report, alone)
    for size in SIZES:
        tell(report, size, visit(stack, take(size), dice), alone)
    flow.wait_settled(stack)
    twice = invariants.overlapping_bookings(timezone.now())
    report.figure("times sold twice", len(twice), "", at_most=0)
    broken = invariants.findings(now=timezone.now())
    report.figure("broken promises that check_invariants finds", len(broken), "", at_most=0)
    stack.stop()


def open_around_the_clock(slug: str) -> None:
    """Each day of a year, so that there is a time for everybody."""
    tradie = Tradie.objects.get(slug=slug)
    for calendar in tradie.calendars.all():
        WorkingHours.objects.filter(calendar=calendar).delete()
        WorkingHours.objects.bulk_create(
            WorkingHours(calendar=calendar, weekday=day, opens_minute=0, closes_minute=1440)
            for day in range(7)
        )
    Tradie.objects.filter(pk=tradie.pk).update(horizon_days=366, calendar_version=F("calendar_version") + 1)


def visit(
    stack: Stack, orders: list[Json], dice: random.Random, *, hurried: bool = False, together: bool = True
) -> Seen:
    """All of them at their own pace, or one after the other; returns when each was told, or gave up."""
    seen, booked = Seen(), set[str]()
    within = ARRIVE_SECONDS if len(orders) > PROMISED_TO else ARRIVE_SECONDS / 3
    customers = [
        Customer(stack, order, seen, random.Random(dice.random()), hurried, within, booked)
        for order in orders
    ]
    began, computed = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(len(orders) if together else 1) as threads:
        for customer in customers:
            threads.submit(customer.run)
    seen.seconds, seen.cpu = time.perf_counter() - began, time.process_time() - computed
    return seen


@dataclass
class Customer:
    """One browser. It opens a connection for each step, as one that was idle meanwhile must."""

    stack: Stack
    order: Json
    seen: Seen
    dice: random.Random
    hurried: bool
    arrive_within: float
    booked: set[str]  # the starts that customers of this visit have by now

    def run(self) -> None:
        try:
            if not self.hurried:
                time.sleep(self.dice.uniform(0, self.arrive_within))
            self.go()
        except Exception as problem:
            self.seen.problems.append(repr(problem))

    def go(self) -> None:
        slug, month, service = self.order["tradie"], self.order["start"][:7], self.order["service"]
        listed = f"/api/availability/{slug}?month={month}&service={service}"
        self.step("page", lambda: self.ask("GET", f"/book/{slug}"))
        self.step("profile", lambda: self.ask("GET", f"/api/tradies/{slug}"))
        self.step("month", lambda: self.ask("GET", listed))
        self.step("day", lambda: self.ask("GET", listed))  # the widget asks anew when one comes back to it
        if not self.hurried and self.dice.randrange(LATE_ONE_IN) == 0:
            self.try_one_that_is_gone()
        made = self.step("book", lambda: self.ask("POST", "/api/bookings", self.order)).body
        self.booked.add(self.order["start"])
        self.step("pay", lambda: self.pay(made["payment"]))
        path, authorization = f"/api/bookings/{made['booking']['id']}", f"Bearer {made['token']}"
        paid = {"status": "confirmed"}
        self.step("confirm", lambda: self.ask("PATCH", path, paid, authorization=authorization))
        self.step("told", lambda: self.until_told(path, authorization))

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        answer = act()
        self.seen.steps[name].append(time.perf_counter() - began)
        if not self.hurried and name in THINK_SECONDS and THINK_SECONDS[name]:
            time.sleep(min(self.dice.expovariate(1 / THINK_SECONDS[name]), 3 * THINK_SECONDS[name]))
        return answer

    def ask(self, method: str, path: str, body: Json | None = None, **headers: str) -> Answer:
        answer = ask(self.stack.site_url, method, path, body, **headers)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answers {answer.status}: {answer.body}")
        return answer

    def try_one_that_is_gone(self) -> None:
        """Booked meanwhile by another, while this one was typing."""
        for start in list(self.booked)[-1:]:
            answer = ask(self.stack.site_url, "POST", "/api/bookings", {**self.order, "start": start})
            if answer.status != 409:
                raise RuntimeError(f"a time that was gone: {answer.status} {answer.body}")
            self.seen.refused += 1

    def pay(self, payment: Json) -> None:
        flow.pay(self.stack, payment)

    def until_told(self, path: str, authorization: str) -> None:
        """What the widget shows at the end: confirmed, from PostgreSQL."""
        over = time.monotonic() + TOLD_SECONDS
        while self.ask("GET", path, authorization=authorization).body["status"] != "confirmed":
            if time.monotonic() > over:
                raise RuntimeError("paid, and not confirmed within a minute")
            time.sleep(0.2)


def tell_alone(report: Report, alone: Seen) -> None:
    report.figure("one alone: errors", len(alone.problems), "", at_most=0)
    for name, took in alone.steps.items():
        report.figure(f"one alone: {name}, p50", percentile(took, 50) * 1000, "ms")


def tell(report: Report, size: int, seen: Seen, alone: Seen) -> None:
    for problem in seen.problems[:3]:
        print(f"  {problem}")
    report.figure(f"{size:,}: errors", len(seen.problems), "", at_most=0)
    report.figure(f"{size:,}: refused a time that was gone", seen.refused, "")
    report.figure(f"{size:,}: customers a second", len(seen.steps["told"]) / seen.seconds, "")
    for name, took in seen.steps.items():
        for percent in (50, 95):
            report.figure(f"{size:,}: {name}, p{percent}", percentile(took, percent) * 1000, "ms")
        ratio = percentile(took, 95) / percentile(alone.steps[name], 50)
        report.figure(f"{size:,}: {name}, p95 / alone", ratio, "x")
    slowest = max(percentile(took, 95) for took in seen.steps.values())
    report.figure(
        f"{size:,}: p95 of the slowest step", slowest, "s", at_most=2 if size <= PROMISED_TO else None
    )
    report.figure(f"{size:,}: cores that the customers themselves use", seen.cpu / seen.seconds, "")
