"""Which person the work at hand is done for, so that what is written down about it can say so.

Doors set it (`web/dashboard/access.py`, `web/api/bases.py`); nothing is ever decided by it. Where nobody is signed in
(a customer, a worker, a command) it is None.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[uuid.UUID | None] = ContextVar("acting", default=None)


def current() -> uuid.UUID | None:
    """The id of a user."""
    return _current.get()


@contextmanager
def on_behalf_of(user_id: uuid.UUID | None) -> Iterator[None]:
    """Everything in the block is that person's doing; None: nobody's."""
    token = _current.set(user_id)
    try:
        yield
    finally:
        _current.reset(token)
