"""One process at a time, across all machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

# An expression that holds the name it is given against every other process; false if someone has it. An UPDATE in the
# same statement sees its row as it is under the lock: one that another process changed meanwhile it looks at again.
TRY_TO_HOLD = "pg_try_advisory_lock(hashtextextended(%s, 0))"


@contextmanager
def holding() -> Iterator[list[str]]:
    """A list for the names that are held inside the block; its end lets go of all of them.

    A session's advisory lock ends with its connection, so the lock of a killed process is gone at once, and that of
    a slow one stays: no lease can do both. No transaction is open meanwhile. (A pooler that hands each transaction
    to another session would break this, as it would LISTEN.)
    """
    held: list[str] = []
    try:
        yield held
    finally:
        if held:
            _let_go(held)


def _let_go(names: list[str]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_unlock(hashtextextended(name, 0)) FROM unnest(%s::text[]) name", [names]
            )
    except (OperationalError, InterfaceError):
        connection.close()  # gone, and the locks with it
