"""What is written down about changes of a business, in the very transaction of the change. docs/audit.md lists it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet

from peepopay.money import dollars

from .audit_models import AuditEntry, Change
from .models import Service, Tradie

MOST_LETTERS = 500  # as many as the column takes
MOST_OF_A_TEXT = 80


def note(
    tradie_id: uuid.UUID,
    kind: Change,
    *,
    about: str = "",
    detail: str = "",
    user_id: uuid.UUID | None = None,
    about_id: uuid.UUID | None = None,
) -> None:
    """Add an entry, in the caller's transaction. Nothing of a customer may be in `about` and `detail`.

    `user_id`: whose doing it is, if not that of who is signed in. `about_id`: of the service that it is about, which
    may be called otherwise by the time that somebody looks for it.
    """
    who = {"user_id": user_id} if user_id else {}
    AuditEntry.objects.create(
        tradie_id=tradie_id,
        kind=kind,
        about=about[:200],
        about_id=about_id,
        detail=detail[:MOST_LETTERS],
        **who,
    )


def forget_words(tradie_id: uuid.UUID) -> None:
    """Of a business that is closed and erased: what was changed when, and by whom, stays; names and figures go."""
    AuditEntry.objects.filter(tradie_id=tradie_id).exclude(about="", detail="").update(about="", detail="")


def changes_of(tradie: Tradie) -> QuerySet[AuditEntry]:
    """The newest first, with who it was. To be bounded by the caller."""
    return tradie.changes.select_related("user")


def changes_of_service(service: Service) -> QuerySet[AuditEntry]:
    """The same, of one service. What was written down before entries knew which one is found by its name."""
    by_name = Q(about_id=None, kind__startswith="service_", about=service.name)
    return changes_of(service.tradie).filter(Q(about_id=service.pk) | by_name)


def difference(before: Model, after: Model, fields: Iterable[str]) -> str:
    """`price from $120 to $130; name from "Drain" to "Blocked drain"`: each with what it was and what it is. Where that
    is too long for an entry, texts are told by their names alone."""
    names = [name for name in fields if getattr(before, name) != getattr(after, name)]
    in_full = "; ".join(_told(before, after, name, is_long=True) for name in names)
    if len(in_full) <= MOST_LETTERS:
        return in_full
    return "; ".join(_told(before, after, name, is_long=False) for name in names)


def _told(before: Model, after: Model, name: str, *, is_long: bool) -> str:
    field: Any = before._meta.get_field(name)
    label = str(field.verbose_name).removesuffix(" cents")
    values = getattr(before, name), getattr(after, name)
    is_text = any(isinstance(value, str) for value in values) and not field.choices
    said = [_said(field, value) for value in values]
    if None in said or (is_text and not is_long):
        return label
    return f"{label} from {said[0]} to {said[1]}"


def _said(field: Any, value: Any) -> str | None:
    """None: it can't be said in a few words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", []):
        return "nothing"
    if field.name.endswith("_cents"):
        return dollars(value)
    if field.choices:
        return f'"{dict(field.flatchoices).get(value, value)}"'
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    if isinstance(value, str):
        words = " ".join(value.split())
        return f'"{words}"' if len(words) <= MOST_OF_A_TEXT else f'"{words[:MOST_OF_A_TEXT]}..."'
    return None if isinstance(value, list | dict) else str(value)
