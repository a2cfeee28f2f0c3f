"""Fifty moves and cancellations of one booking at the same moment, over HTTP: one effect, the rest are told so."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from local.stack import Stack
from local.testing.crowd import Shop, all_at_once

TIMES = 25


@pytest.mark.slow
def test_of_fifty_moves_and_cancellations_at_once_each_happens_at_most_once(unlimited_stack: Stack) -> None:
    shop = Shop(unlimited_stack.site_url)
    service = next(service for service in shop.profile["services"] if not service["deposit_cents"])
    starts = shop.free_starts(service, at_least=300, after_days=40)[::8]
    made = shop.book(service, starts[0], 77)
    assert made.status == 201
    moves = [partial(shop.change, made, {"start": starts[number]}) for number in range(1, TIMES + 1)]
    answers = all_at_once(moves)
    counted = Counter((answer.status, answer.code) for answer in answers)
    assert counted[200, ""] >= 1
    assert set(counted) <= {(200, ""), (409, "BOOKING_NOT_CHANGEABLE"), (503, "SERVICE_UNAVAILABLE")}
    # Some came after another had moved it, and moved it again; each left one line in the history.
    query = f"FROM bookings_bookingevent WHERE kind = 'moved' AND booking_id = '{made.body['booking']['id']}'"
    assert str(unlimited_stack.query(f"SELECT count(*) {query}")).strip("[](), '") == str(counted[200, ""])
    cancellations = [partial(shop.change, made, {"status": "cancelled", "reason": ""})] * TIMES
    assert {answer.status for answer in all_at_once(cancellations)} <= {200, 503}
    query = query.replace("'moved'", "'cancelled'")
    assert str(unlimited_stack.query(f"SELECT count(*) {query}")).strip("[](), '") == "1"
    assert unlimited_stack.manage("check_invariants").split()[-1:] == ["0"]
