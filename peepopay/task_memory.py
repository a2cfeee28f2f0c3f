"""What the rows of one task need alike, made once for all of them.

Rows about the same thing go as one task (`OutboxRow.together`), one after the other within seconds
(`outbox.run_in_turn`). What one of them has loaded the next may use; with the task it is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Made = TypeVar("Made")

_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("task_memory", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """For the rows of one task."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def once(key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gave when this task first asked for `key`; outside of a task, what it gives now."""
    memory = _memory.get()
    if memory is None:
        return make()
    if key not in memory:
        memory[key] = make()
    made: Made = memory[key]
    return made
