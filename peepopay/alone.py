"""One process at a time, across all machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Hold `name` against every other process; False if someone has it.

    A session's advisory lock ends with its connection, so the lock of a killed process is gone at once, and that of
    a slow one stays: no lease can do both. No transaction is open meanwhile. (A pooler that hands each transaction
    to another session would break this, as it would LISTEN.)
    """
    mine = _advisory_lock("pg_try_advisory_lock", name)
    try:
        yield mine
    finally:
        if mine:
            try:
                _advisory_lock("pg_advisory_unlock", name)
            except (OperationalError, InterfaceError):
                connection.close()  # gone, and the lock with it


def _advisory_lock(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
