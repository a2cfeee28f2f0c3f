"""How long PostgreSQL takes for each statement of Django's, as a program waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created
from prometheus_client import Counter, Histogram

SECONDS = Histogram(
    "peepopay_database_query_seconds",
    "How long a statement took.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
ERRORS = Counter(
    "peepopay_database_errors", "Requests and tasks that PostgreSQL did not answer: away, or out of time."
)


def install() -> None:
    """Django's own hook for this: a wrapper on every connection. They come anew from the pool with each request."""
    connection_created.connect(wrap, dispatch_uid=__name__)


def wrap(connection: Any, **_: Any) -> None:
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        SECONDS.observe(time.perf_counter() - began)
