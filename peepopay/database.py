"""How a program connects to PostgreSQL. No part of Django may be imported here: the settings read it."""

from __future__ import annotations

from typing import Any

# What a client sets for a pooled session does not hold; there these come from the role, where `migrate` writes them.
SESSION_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
}
PREPARED_FROM = 1  # how often a statement has come on a connection: what comes twice comes a thousand times
KEPT_SECONDS = 600  # a connection outside a pool, as by a worker from task to task


def connection(address: dict[str, Any], *, behind_a_pooler: bool, keep: int, most: int) -> dict[str, Any]:
    """One of Django's DATABASES: between `keep` and `most` connections per process, or with `most` 0 no pool but one
    connection per thread, which is kept as well."""
    # Without a timeout of its own the pool lets every request hang 30 s when the database is gone. Workers do without
    # (0): Celery would build and tear down a pool around each task.
    options: dict[str, Any] = {
        "connect_timeout": 2,
        # It would also wait longer and longer, up to minutes, before it tries again to replace a connection that a
        # restart of the database ended. Given up after a second or two, the next request makes a new one at once.
        "pool": most and {"min_size": keep, "max_size": most, "timeout": 2.5, "reconnect_timeout": 1},
    }
    if not behind_a_pooler:
        options["options"] = " ".join(f"-c {name}={value}" for name, value in SESSION_LIMITS.items())
        # A statement that comes back is planned once per connection: a third less of the database's time. It belongs to
        # a session, which a pooler in transaction mode does not keep.
        options |= {"server_side_binding": True, "prepare_threshold": PREPARED_FROM}
    return {
        **address,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0 if most else KEPT_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_a_pooler,
        "OPTIONS": options,
    }
