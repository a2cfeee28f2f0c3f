"""Lists that a tradie puts in order: services, people and vans."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def move_row(rows: QuerySet[Any], row_id: Any, *, by: int) -> bool:
    """One place up (-1) or down (+1) in a table with a `position`; numbers all rows afresh, so that ties and gaps heal.
    Call it under the lock of the list. False: it is at that end already, or not in the list."""
    order = list(rows)
    at = next((index for index, row in enumerate(order) if row.pk == row_id), None)
    if at is None or not 0 <= at + by < len(order):
        return False
    order.insert(at + by, order.pop(at))
    for position, row in enumerate(order):
        row.position = position
    rows.model._default_manager.bulk_update(order, ["position"])
    return True
