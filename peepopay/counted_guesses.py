"""Django's cache in PostgreSQL, but one that says so when it can't be written."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connection

TRIES = 3  # what another process held may be gone by the time that we look


class CountedGuesses(DatabaseCache):
    """Django takes any failure to write for "somebody else has it". With a full disk whoever signs in would then read
    that they tried too often."""

    def _base_set(self, mode: str, key: str, *value: Any) -> bool:
        """Raises OperationalError."""
        for _ in range(TRIES):
            written: bool = super()._base_set(mode, key, *value)  # type: ignore[misc]
            if written or mode != "add" or self._holds(key):
                return written
        raise OperationalError("The cache table takes no new rows.")

    def _holds(self, key: str) -> bool:
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE cache_key = %s", [key])  # noqa: S608
            return cursor.fetchone() is not None
