"""A customer says that a booking is theirs, on a page that only a message of ours leads to (`proofs.py`).

Looking says nothing, since programs follow links, nor does cancelling, which is just what somebody does who never
booked: only the button "Yes, it's mine" counts.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications import budgets

from .actors import CUSTOMER
from .lifecycle import record
from .models import Booking, EventKind
from .proofs import proven


@transaction.atomic
def acknowledge(booking: Booking, proof: str, *, now: datetime) -> bool:
    """They say it is theirs: the booking is confirmed, and so is the address or number where they read of it.

    False: the proof is none.
    """
    way = proven(booking, proof)
    if way is None:
        return False
    if Booking.objects.filter(pk=booking.pk, acknowledged_at=None).update(acknowledged_at=now):
        record(booking, EventKind.ACKNOWLEDGED, by=CUSTOMER, now=now, detail=f"by {way[0].label}")
        booking.acknowledged_at = now
    budgets.confirm(*way, now=now)
    return True
