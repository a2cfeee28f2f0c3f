"""Rounds over many rows in which none spoils it for the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from .logs import way_to

logger = logging.getLogger(__name__)

SECONDS = (
    15  # for the rows of one round: the last one may take as long again, and a task is stopped after 45 s
)
Item = TypeVar("Item")


def each(items: Iterable[Item], act: Callable[[Item], bool], *, seconds: float = SECONDS) -> int:
    """Call `act` on one after the other until the time is up; returns how often it was True.

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
            name, what = type(problem).__name__, getattr(item, "pk", item)
            logger.warning("sweep: %s %s: %s at %s", act.__qualname__, what, name, way_to(problem))
            connection.close_if_unusable_or_obsolete()
    return done
