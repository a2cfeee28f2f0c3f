"""What follows, at every door, from a database that did not answer."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import connection
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg_pool import ConnectionPool

from .measured_queries import ERRORS

logger = logging.getLogger(__name__)

FROM_A_LIVING_ONE = (DeadlockDetected, LockNotAvailable, QueryCanceled)
_looking = threading.Lock()


def note_outage(problem: BaseException) -> None:
    """Count it and say so in the log; and if the connection may be dead, so may be its fellows."""
    ERRORS.inc()
    cause = problem.__cause__ or problem
    logger.warning("database unavailable: %s", type(cause).__name__)
    if not isinstance(cause, FROM_A_LIVING_ONE):
        discard_dead_connections()


def discard_dead_connections() -> None:
    """A restart of the database ends every connection of the pool. The pool by itself finds that out one by one, as
    they are asked for, and lets the request wait a second and then two in between: 9 s and more of refusals with 16 of
    them. Whoever meets the first therefore looks through them all, once at a time."""
    pool: ConnectionPool[Any] | None = getattr(connection, "pool", None)
    if pool and _looking.acquire(blocking=False):
        try:
            pool.check()
        finally:
            _looking.release()
