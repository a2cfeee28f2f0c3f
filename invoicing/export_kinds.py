"""What is written of one kind of thing that a business has with us; `everything.py` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from accounts.models import Tradie
from peepopay.local_time import iso

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Kind:
    """A file of its own, `name`.json and `name`.csv. `of`: from a row to its business. `columns`: those that are told;
    `booking=booking__reference` is one under another name."""

    name: str
    model: Any
    of: str
    columns: str

    def last_of(self, tradie: Tradie, *, after: Any, count: int) -> Any:
        """The key of the last of so many rows after that one; None: there are none."""
        keys = self._all(tradie, after).values_list("pk", flat=True)
        return next(iter(keys[count - 1 : count]), None) or keys.reverse().first()

    def rows(self, tradie: Tradie, *, after: Any = None, until: Any = None) -> Iterator[dict[str, Any]]:
        """In a steady order, never all at once; times in the zone of the business, amounts in cents."""
        told = dict(column.partition("=")[::2] for column in self.columns.split())
        renamed = {name: F(path) for name, path in told.items() if path}
        rows = self._all(tradie, after)
        if until is not None:
            rows = rows.filter(pk__lte=until)
        for row in rows.values(*(name for name in told if name not in renamed), **renamed).iterator(
            ROWS_AT_ONCE
        ):
            yield {name: _plain(row[name], tradie.timezone) for name in told}

    def _all(self, tradie: Tradie, after: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.filter(**{self.of: tradie.pk}).order_by("pk")
        return rows.filter(pk__gt=after) if after else rows


def _plain(value: Any, zone_name: str) -> Any:
    return iso(value, zone_name) if isinstance(value, datetime) else value
