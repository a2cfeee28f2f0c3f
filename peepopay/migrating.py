"""Changing tables that are in use.

`ALTER TABLE` waits for whoever uses the table, and whoever comes after waits behind it: a booking that waits for its
calendar's lock can so stop all others. A change waits for a moment only, gets out of the way, and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import LockNotAvailable

Answer = TypeVar("Answer")

MOMENT = "100ms"  # for so long others may wait behind us: no one's request notices
PAUSE_SECONDS = 0.4
GIVE_UP_AFTER_SECONDS = 120


@contextmanager
def in_use(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Statements of `connection` may take as long as they need, but wait a moment only for a lock; outside transactions
    each is tried again (within one, all of it must be: `until_unlocked`). What is built CONCURRENTLY stands in nobody's
    way and waits as long as it must; given up halfway it would leave an invalid index."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"SET lock_timeout = '{MOMENT}'")
    with connection.execute_wrapper(_patiently):
        yield
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
        cursor.execute("RESET lock_timeout")


def until_unlocked(work: Callable[[], Answer]) -> Answer:
    """What `work` answers, once it gets its locks. Raises the OperationalError of the last try after two minutes."""
    last = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while True:
        try:
            return work()
        except OperationalError as problem:
            if not isinstance(problem.__cause__, LockNotAvailable) or time.monotonic() > last:
                raise
        time.sleep(PAUSE_SECONDS)


def _patiently(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    connection = context["connection"]
    if connection.in_atomic_block:
        return execute(sql, params, many, context)
    if "CONCURRENTLY" not in str(sql):
        return until_unlocked(lambda: execute(sql, params, many, context))
    driver = connection.connection
    driver.execute("SET lock_timeout = 0")
    try:
        return execute(sql, params, many, context)
    finally:
        driver.execute(f"SET lock_timeout = '{MOMENT}'")
