"""One id for everything that follows from one request: lines in logs, rows, tasks, mails, error reports.

A request gets it on its way in (`peepopay/requests.py`), or brings its own. Rows of work and of history keep it
(`peepopay/models.py`), so that a worker goes on under it hours later, through any broker (`outbox.run`). What nobody
asked for, a sweep, runs under the id of its task.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# A UUID, with hyphens or without, and nothing else: a phone number or a name would end in logs and rows.
GIVEN = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
LENGTH = 32

_current: ContextVar[str] = ContextVar("request_id", default="")
_doing: ContextVar[Callable[[], str]] = ContextVar("doing", default=str)


def current() -> str:
    """32 hexadecimal digits; "" where nothing was asked for."""
    return _current.get()


def doing() -> str:
    """The route of the request, or the name of the task; "" where it is neither, or no route was found yet."""
    return _doing.get()()


def new() -> str:
    return os.urandom(LENGTH // 2).hex()


def accepted(given: str | None) -> str:
    """The id that somebody brought along, or a new one. It joins lines, and nothing is ever decided by it."""
    return given.replace("-", "") if given and GIVEN.fullmatch(given) else new()


@contextmanager
def under(request_id: str, doing: Callable[[], str] | None = None) -> Iterator[None]:
    """Everything in the block belongs to that request; "" leaves it as it is. `doing` tells what is done in it."""
    token, before = _current.set(request_id or _current.get()), _doing.set(doing or _doing.get())
    try:
        yield
    finally:
        _doing.reset(before)
        _current.reset(token)
