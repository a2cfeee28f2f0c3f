"""How busy a process's pool of connections is. The pool counts for itself; this tells Prometheus now and then."""

from __future__ import annotations

from typing import Any

from django.db import connection
from prometheus_client import Counter, Gauge
from psycopg_pool import ConnectionPool

CONNECTIONS = Gauge(
    "peepopay_database_pool_connections",
    "Connections of the pools, by whether they are in use.",
    ["state"],
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "peepopay_database_pool_waiting", "Threads that wait for a connection.", multiprocess_mode="livesum"
)
WAITED = Counter("peepopay_database_pool_waits", "How often a thread had to wait for a connection.")
WAITED_SECONDS = Counter("peepopay_database_pool_wait_seconds", "How long threads waited for connections.")
REFUSED = Counter("peepopay_database_pool_refusals", "How often none came in time.")


def note() -> None:
    """To be called now and then. Reading makes the pool count from nothing again."""
    pool: ConnectionPool[Any] | None = getattr(connection, "pool", None)
    if pool is None:  # a connection per thread
        return
    found = pool.pop_stats()
    idle = found.get("pool_available", 0)
    CONNECTIONS.labels("idle").set(idle)
    CONNECTIONS.labels("used").set(found.get("pool_size", 0) - idle)
    WAITING.set(found.get("requests_waiting", 0))
    WAITED.inc(found.get("requests_queued", 0))
    WAITED_SECONDS.inc(found.get("requests_wait_ms", 0) / 1000)
    REFUSED.inc(found.get("requests_errors", 0))
