"""Rounds over many rows in which none spoils it for the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import QuerySet

from .logs import way_to

logger = logging.getLogger(__name__)

SECONDS = (
    15  # for the rows of one round: the last one may take as long again, and a task is stopped after 45 s
)
ALL_NIGHT = 500  # for what is done once a day, by a task that may take ten minutes
BATCH = 2_000
Item = TypeVar("Item")


def each(items: Iterable[Item], act: Callable[[Item], int], *, seconds: float = SECONDS) -> int:
    """Call `act` on one after the other until the time is up; returns how often it was True, or the sum.

    One that raises, or whose rows are locked, is noted and passed over: it comes round again. So that it does not come
    first every time, let `items` begin with what was never tried, or longest ago.
    """
    give_up_at = time.monotonic() + seconds
    done = 0
    for item in items:
        if time.monotonic() > give_up_at:
            logger.warning("sweep: %s: no time for the rest", act.__qualname__)
            break
        try:
            done += act(item)
        except SoftTimeLimitExceeded:
            raise
        except Exception as problem:  # whatever it is, the others are not to blame
            name, what = type(problem).__name__, getattr(item, "pk", getattr(item, "__name__", item))
            logger.warning("sweep: %s %s: %s at %s", act.__qualname__, what, name, way_to(problem))
            connection.close_if_unusable_or_obsolete()
    return done


def every(*steps: Callable[..., int], now: datetime) -> int:
    """A night's work: call each with `now`, whatever becomes of the others; returns the sum of what they return."""

    def call(step: Callable[..., int]) -> int:
        return step(now=now)

    return each(steps, call, seconds=ALL_NIGHT)


def forget(rows: QuerySet[Any], *, seconds: float = SECONDS) -> int:
    """Delete them, with what hangs on them, in as many small transactions as the time allows; returns how many went.
    Of millions, as an attack leaves behind, one statement would end at its time limit every night."""
    give_up_at = time.monotonic() + seconds
    some = rows.filter(pk__in=rows.order_by().values("pk")[:BATCH])
    gone = 0
    while time.monotonic() < give_up_at:
        went = some.all().delete()[1].get(rows.model._meta.label, 0)
        gone += went
        if went < BATCH:
            break
    return gone
