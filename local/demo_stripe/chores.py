"""What the demo does by itself, later: so far, letting a refund fail."""

from __future__ import annotations

import time

from . import refunds
from .world import World


def do_due(world: World) -> None:
    """Does what has come due, each in a transaction of its own with its removal."""
    due = world.store.rows("SELECT id, object, account FROM chores WHERE due_at <= ?", time.time())
    for chore, object_id, account in due:
        with world.store.transaction():
            if world.store.change("DELETE FROM chores WHERE id = ?", chore):
                refunds.fail(world, object_id, account)
