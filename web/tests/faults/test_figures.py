"""What the relay shows Prometheus of work that nobody takes."""

from __future__ import annotations

import pytest

from local.ports import wait_until
from local.testing.figures import value

from .conftest import Town

pytestmark = pytest.mark.slow

EVENTS = {"kind": "payments.stripeevent", "queue": "webhooks"}


def test_it_is_seen_in_the_rows_and_on_rabbitmqs_queue(town: Town) -> None:
    def relay(figure: str, /, **labels: str) -> float:
        return value(town.stack, "relay", figure, **labels) or 0.0

    town.stack.processes["worker"].freeze()
    try:
        bought = [town.buy() for _ in range(8)]
        assert wait_until(lambda: relay("peepopay_outbox_waiting_rows", **EVENTS) >= 8, seconds=20)
        # A worker holds what it was handed before it froze; the queue has the rest.
        assert wait_until(lambda: relay("peepopay_queue_messages", queue="webhooks") > 0, seconds=20)
        assert relay("peepopay_outbox_oldest_seconds", **EVENTS) > 0
        assert relay("peepopay_outbox_unpublished_seconds", **EVENTS) < 3
    finally:
        town.stack.processes["worker"].thaw()
    town.wait_confirmed(bought)
    assert wait_until(lambda: relay("peepopay_outbox_waiting_rows", **EVENTS) == 0, seconds=20)
