"""For tests of what happens at once: a second connection, that waits for a lock of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from local.ports import wait_until

Elsewhere = Callable[[Callable[[], Any]], Future[Any]]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Does something by a connection of its own; returns once that waits for a lock of ours."""
    with ThreadPoolExecutor(1) as thread:

        def start(act: Callable[[], Any]) -> Future[Any]:
            doing = thread.submit(act)
            assert wait_until(somebody_waits, seconds=10)
            return doing

        yield start
        thread.submit(lambda: connection.close()).result()  # its own, not ours


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
