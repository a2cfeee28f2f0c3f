"""A connection to PostgreSQL beside Django's: for what must not wait for a place in the pool, or holds a session."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection

WANTED = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert"}
CONNECT_SECONDS = 2


def own_connection(**more: Any) -> psycopg.Connection[Any]:
    """By the way that this program has to the database. As a context manager it commits and closes.

    Raises psycopg.OperationalError within 2 s.
    """
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in WANTED}
    return psycopg.connect(**parameters, connect_timeout=CONNECT_SECONDS, **more)
