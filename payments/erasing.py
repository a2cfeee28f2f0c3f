"""What goes of payments with their customers' details: what an owner wrote to a bank about them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bookings import erasure

from .evidence_models import DisputeEvidence


@erasure.also
def erase(bookings: Sequence[UUID]) -> None:
    """Of these bookings, in the caller's transaction."""
    DisputeEvidence.objects.filter(dispute__payment__booking__in=bookings).update(words="")
