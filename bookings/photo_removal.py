"""How photos go: at once from every page, then from the storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from peepopay import outbox

from .photo_models import Photo, PhotoState


def have_removed(photos: QuerySet[Photo], *, now: datetime) -> int:
    """In the caller's transaction: nobody sees them any more, and a worker removes the files, then the rows."""
    count = photos.update(
        state=PhotoState.REMOVED,
        original=None,
        due_at=now,
        **outbox.AFRESH,
    )
    if count:
        outbox.announce()
    return count


def of_bookings(keys: Sequence[UUID]) -> QuerySet[Photo]:
    """Of these bookings, that are not removed yet."""
    return Photo.objects.filter(booking__in=keys).exclude(state=PhotoState.REMOVED)
