"""Rows of the outbox that were given up, and what an operator says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from .models import OutboxRow
from .outbox import PUT_OFF, announce

Row = TypeVar("Row", bound=OutboxRow)


def dead_rows(model: type[Row]) -> QuerySet[Row]:
    """Rows that were given up and that nobody has closed."""
    return model._default_manager.filter(dead_at__isnull=False, done_at__isnull=True).order_by("dead_at")


def revive(model: type[Row], keys: list[Any], *, now: datetime) -> int:
    """An operator's retry: due now, with a fresh set of attempts. Returns how many rows it touched."""
    return _begin_anew(model._default_manager.filter(pk__in=keys, done_at__isnull=True), now)


def revive_dead(model: type[Row], keys: list[Any], *, now: datetime) -> int:
    """The same for those that were given up and that nobody has closed; the others stay as they are."""
    return _begin_anew(dead_rows(model).filter(pk__in=keys), now)


def _begin_anew(rows: QuerySet[Row], now: datetime) -> int:
    with transaction.atomic(savepoint=False):
        touched = rows.update(
            dead_at=None, due_at=now, attempts=0, last_error="", **PUT_OFF, **rows.model.revived_as
        )
        announce()
    return touched


def close(model: type[Row], keys: list[Any], *, now: datetime) -> int:
    """An operator's word that nothing more is to be done about these dead rows. Returns how many it touched."""
    return dead_rows(model).filter(pk__in=keys).update(done_at=now)
