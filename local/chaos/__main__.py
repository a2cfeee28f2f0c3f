"""`make chaos SECONDS=300 SEED=1`: ends with 0 when nothing was lost, doubled or left half done; else it says what."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable

from local import rabbitmq
from local.fixtures import OWN
from local.ports import free_ports_in_a_row, wait_until
from local.processes import StartFailed, temporary_folder
from local.rabbitmq import Cluster
from local.stack import Stack
from local.testing.stripe_control import StripeControl

from . import reckoning
from .accidents import Stage, bad_weather, one_after_another
from .customers import Crowd, bookable_for_a_year

CUSTOMERS = 8
DRAIN_SECONDS = 600  # a row that failed four times waits eight minutes for its next turn
WAITING = {
    "events of Stripe": "SELECT count(*) FROM payments_stripeevent WHERE done_at IS NULL AND dead_at IS NULL",
    "messages": "SELECT count(*) FROM notifications_message WHERE done_at IS NULL AND dead_at IS NULL"
    " AND due_at < now() + interval '1 day'",
    "refunds": "SELECT count(*) FROM payments_refund WHERE done_at IS NULL AND dead_at IS NULL",
    "payments": "SELECT count(*) FROM payments_payment WHERE status IN ('new', 'open', 'processing')",
    "holds": "SELECT count(*) FROM bookings_booking WHERE status IN ('pending', 'expiring')",
}


def main(seconds: float, seed: int) -> int:
    if missing := rabbitmq.why_missing():
        print(missing, file=sys.stderr)
        return 2
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {line}", flush=True)

    cluster = Cluster(temporary_folder("cluster"), size=3)
    tell("Starting the product on a cluster of three RabbitMQ nodes")
    stack = start(cluster)
    stripe = StripeControl(stack.stripe_url)
    stage = Stage(stack, cluster, stripe, tell)
    crowd = Crowd(stack.site_url, stripe, seed, CUSTOMERS)
    try:
        tell(f"{CUSTOMERS} customers for {seconds:.0f} s, seed {seed}")
        break_things(stage, crowd, seconds, seed)
        waiting = drain(stack, stripe, tell)
        return conclude(stage, crowd, waiting)
    finally:
        stack.stop()
        cluster.close()


def start(cluster: Cluster) -> Stack:
    cluster.start()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    given = inherited | {
        "CELERY_BROKER_URL": cluster.url,
        "RATE_LIMITS": "off",  # all customers come from one address
        "HOLD_MINUTES": "1",
        "EXPIRY_GRACE_SECONDS": "5",
    }
    stack = Stack(
        folder=temporary_folder("chaos"), given=given, web_port=free_ports_in_a_row(3), disposable=True
    )
    stack.start()
    bookable_for_a_year(stack)
    return stack


def break_things(stage: Stage, crowd: Crowd, seconds: float, seed: int) -> None:
    crowd.start()
    breakers = [
        threading.Thread(target=break_, args=[stage, random.Random(seed + position)])
        for position, break_ in enumerate((one_after_another, bad_weather))
    ]
    for breaker in breakers:
        breaker.start()
    stage.over.wait(seconds)
    stage.over.set()
    for breaker in breakers:
        breaker.join()
    stage.tell("Everything works again; the customers finish what they do")
    crowd.stop()


def drain(stack: Stack, stripe: StripeControl, tell: Callable[[str], None]) -> dict[str, int]:
    """What is still waiting when nothing more happens: nothing, if all is well."""

    def waiting() -> dict[str, int]:
        stripe.hasten_webhooks()
        found = {what: int(stack.query(sql)[0][0]) for what, sql in WAITING.items()}
        found["webhooks"] = stripe.deliveries()["due"]
        return {what: count for what, count in found.items() if count}

    began = time.monotonic()
    wait_until(lambda: not waiting(), seconds=DRAIN_SECONDS)
    left = waiting()
    tell(f"Drained in {time.monotonic() - began:.0f} s; still waiting: {left or 'nothing'}")
    return left


def conclude(stage: Stage, crowd: Crowd, waiting: dict[str, int]) -> int:
    for what, count in sorted(crowd.answers.items()):
        print(f"  {what:32} {count}")
    statuses = stage.stack.query(
        "SELECT status, count(*) FROM bookings_booking WHERE customer_email LIKE '%%@chaos.example'"
        " GROUP BY status ORDER BY status"
    )
    print("  bookings: " + ", ".join(f"{count} {status}" for status, count in statuses))
    print(f"  customers who gave up: {sum(bool(told.gave_up) for told in crowd.told)} of {len(crowd.told)}")
    again = reckoning.sent_again(reckoning.read_mails(stage.stack.sent / "mail"))
    print(f"  mails sent again after one of {stage.worker_kills} kills of the worker: {again}")
    found = [
        *crowd.odd,
        *reckoning.findings(stage.stack, stage.stripe, crowd.told),
        *(f"still waiting: {count} {what}" for what, count in waiting.items()),
    ]
    if again > stage.worker_kills * 2:  # two tasks at once
        found.append(f"{again} mails were sent again")
    try:
        stage.stack.manage("check_invariants")
    except StartFailed as problem:
        found.append(str(problem))
    print("\n".join(found) or "  Nothing was lost, doubled or left half done.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(float(os.environ.get("SECONDS") or 300), int(os.environ.get("SEED") or 1)))
