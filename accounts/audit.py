"""What is written down about changes of a business, in the very transaction of the change. docs/audit.md lists it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet

from peepopay.money import dollars

from .audit_models import AuditEntry, Change
from .models import Tradie


def note(
    tradie_id: uuid.UUID, kind: Change, *, about: str = "", detail: str = "", user_id: uuid.UUID | None = None
) -> None:
    """Add an entry, in the caller's transaction. Nothing of a customer may be in `about` and `detail`.

    `user_id`: whose doing it is, if not that of who is signed in.
    """
    who = {"user_id": user_id} if user_id else {}
    AuditEntry.objects.create(tradie_id=tradie_id, kind=kind, about=about[:200], detail=detail[:500], **who)


def changes_of(tradie: Tradie) -> QuerySet[AuditEntry]:
    """The newest first, with who it was. To be bounded by the caller."""
    return tradie.changes.select_related("user")


def difference(before: Model, after: Model, fields: Iterable[str]) -> str:
    """`price from $120.00 to $130.00; name`: amounts with what they were, other fields by their names."""
    told = []
    for name in fields:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            told.append(_told(before, name, old, new))
    return "; ".join(told)


def _told(row: Model, name: str, old: Any, new: Any) -> str:
    label = str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    if name.endswith("_cents"):
        return f"{label.removesuffix(' cents')} from {dollars(old)} to {dollars(new)}"
    return label
