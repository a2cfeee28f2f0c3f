"""How the self-check asks: each check by itself, with time, and a line for what it finds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from peepopay.logs import way_to

logger = logging.getLogger(__name__)
YOUNG = timedelta(minutes=30)  # work may wait that long for the broker, Stripe or a provider to come back
MOST_SHOWN = 100
SECONDS_A_QUERY = 60  # they look at whole tables

Check = Callable[[datetime], list[str]]


def lines_of(checks: Mapping[str, Check], now: datetime) -> Iterator[str]:
    """A check that fails is a finding, and does not hide what the others find."""
    for name, check in checks.items():
        try:
            with _unhurried():
                found = check(now)
        except SoftTimeLimitExceeded:
            raise
        except Exception as problem:  # a timeout, say, or a bug in the check
            logger.warning("check %s: %s at %s", name, type(problem).__name__, way_to(problem))
            yield f"check failed: {name}: {type(problem).__name__}"
        else:
            yield from (f"{name}: {key}" for key in found)


@contextmanager
def _unhurried() -> Iterator[None]:
    """With more time for each query than a request has."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{SECONDS_A_QUERY}s"])
        yield


def keys(sql: str, *parameters: Any) -> list[str]:
    """A line for each row that it finds, of the first hundred."""
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {MOST_SHOWN}", parameters)
        return [" ".join(str(value) for value in row) for row in cursor.fetchall()]
