"""What the demo does by itself, later: a refund fails, a payout arrives."""

from __future__ import annotations

import time

from . import payouts, refunds
from .world import World

CHORES = {"refund_fails": refunds.fail, "payout_arrives": payouts.arrive}


def do_due(world: World) -> None:
    """Does what has come due, each in a transaction of its own with its removal."""
    due = world.store.rows("SELECT id, kind, object, account FROM chores WHERE due_at <= ?", time.time())
    for chore, kind, object_id, account in due:
        with world.store.transaction():
            if world.store.change("DELETE FROM chores WHERE id = ?", chore):
                CHORES[kind](world, object_id, account)
