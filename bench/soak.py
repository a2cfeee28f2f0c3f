"""Half an hour of customers who book, pay and cancel, so that their times come free again: does anything grow?

Each program's memory is compared between two stretches: after the first third, when every cache is warm, and the end.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench import flow
from bench.cpu import family
from bench.memory import mebibytes
from bench.report import Report
from local.chaos.__main__ import WAITING
from local.chaos.customers import Crowd, bookable_for_a_year
from local.stack import Stack
from local.testing.stripe_control import StripeControl

MINUTES = float(os.environ.get("MINUTES") or 30)
CUSTOMERS = 6  # some four bookings a second, most of them cancelled: half of what two cores bear
LOOK_SECONDS = 5
PROGRAMS = ("web", "worker", "relay", "beat")


@dataclass(frozen=True)
class Look:
    """MiB that each program keeps, with all below it; connections to PostgreSQL."""

    memory: Mapping[str, float]
    connections: int


def measure(report: Report) -> None:
    stack = flow.start(broker="rabbitmq", RATE_LIMITS="off", HOLD_MINUTES="1")
    bookable_for_a_year(stack)
    crowd = Crowd(stack.site_url, StripeControl(stack.stripe_url), seed=1, size=CUSTOMERS, cancels=0.9)
    crowd.start()
    looks = look_for(stack, MINUTES * 60)
    crowd.stop()
    made = sum(count for what, count in crowd.answers.items() if what.endswith("bookings 201"))
    report.figure("bookings", made, "")
    report.figure("bookings a second", made / (MINUTES * 60), "")
    report.figure("answers that nobody should get", len(crowd.odd), "", at_most=0)
    tell_growth(report, looks)
    report.figure("rows still waiting, five minutes later", waiting_after(stack, seconds=300), "", at_most=0)
    stack.stop()


def look_for(stack: Stack, seconds: float) -> list[Look]:
    pids = {name: stack.processes[name].pid for name in PROGRAMS}
    looks, over = [], time.monotonic() + seconds
    while time.monotonic() < over:
        time.sleep(LOOK_SECONDS)
        held = {
            name: sum(mebibytes(each).get("Pss", 0) for each in family(pid)) for name, pid in pids.items()
        }
        looks.append(Look(held, connections(stack)))
    return looks


def connections(stack: Stack) -> int:
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return int(stack.query(sql)[0][0])


def tell_growth(report: Report, looks: Sequence[Look]) -> None:
    third = len(looks) // 3
    early, late = looks[third : third + third // 2 + 1], looks[-(third // 2 + 1) :]
    for name in PROGRAMS:
        before, after = (median(look.memory[name] for look in part) for part in (early, late))
        report.figure(f"{name}: memory after a third", before, "MiB")
        report.figure(f"{name}: memory at the end / then", after / before, "x", at_most=1.1)
    report.figure("connections after a third", max(look.connections for look in early), "")
    report.figure("connections at the end", max(look.connections for look in late), "")


def waiting_after(stack: Stack, seconds: float) -> int:
    """Rows of every kind that still wait for somebody."""
    over = time.monotonic() + seconds
    while True:
        left = sum(int(stack.query(sql)[0][0]) for sql in WAITING.values())
        if not left or time.monotonic() > over:
            return left
        time.sleep(1)
