"""Whoever asks for a new row twice with one key gets one."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import Model, QuerySet

from accounts import audit
from peepopay.errors import IdempotencyConflict
from peepopay.lookups import only

Row = TypeVar("Row", bound=Model)
NOT_ASKED = ("position",)  # the rule gives it


def made_before(rows: QuerySet[Row], tradie_id: uuid.UUID, row: Row, key: uuid.UUID | None) -> Row | None:
    """The row that was made with this key, if it was; else `row` gets the id that says so. Call it under the lock that
    the rule takes. Raises IdempotencyConflict where what was made is not what is asked for."""
    if key is None:
        return None
    row.pk = uuid.uuid5(tradie_id, str(key))
    made = only(rows.filter(pk=row.pk))
    fields = [field.name for field in row._meta.concrete_fields if field.name not in NOT_ASKED]
    if made and audit.difference(made, row, fields):
        raise IdempotencyConflict
    return made
