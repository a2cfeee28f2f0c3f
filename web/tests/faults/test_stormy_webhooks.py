"""Webhooks five times each, shuffled, one in ten lost: every booking ends right, with one message of each kind."""

from __future__ import annotations

import pytest

from .conftest import Town

pytestmark = pytest.mark.slow
BOOKINGS = 20


def test_duplicated_shuffled_and_lost_webhooks_end_right(town: Town) -> None:
    town.stripe.webhooks("duplicate:5,shuffle", window_ms=1500, lose=0.1)
    bought = [town.buy() for _ in range(BOOKINGS)]
    town.sweep_payments()  # finds those of which every copy was lost
    town.wait_confirmed(bought)
    town.wait_told()


def test_webhooks_that_never_come_are_made_up_for_by_the_sweep(town: Town) -> None:
    town.stripe.webhooks("drop")
    bought = [town.buy() for _ in range(5)]
    assert town.statuses(bought) == {"pending": 5}
    town.sweep_payments()
    assert town.statuses(bought) == {"confirmed": 5}
    town.wait_told()
