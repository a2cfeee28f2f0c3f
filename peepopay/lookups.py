"""Looking up what can be there once."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def only(rows: QuerySet[Row]) -> Row | None:
    """The one row, or None. For what a constraint lets be there once: `first()` asks for an order of its own, and to
    write that down over all columns of a joined query takes 0.4 ms."""
    return next(iter(rows.order_by()), None)
