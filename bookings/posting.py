"""Which events of a booking the books have to look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import Booking, EventKind, Posting

# By then what follows at once, such as the refund of a late payment, is entered with it.
POSTED_AFTER = timedelta(minutes=1)
# Whatever else happens to a booking may move its money, or make it earned.
MOVES_NO_MONEY = (
    EventKind.HELD,
    EventKind.REQUESTED,
    EventKind.APPROVED,
    EventKind.CONFIRMED,
    EventKind.MOVED,
    EventKind.HANDED_OVER,
    EventKind.EXPIRED,
    EventKind.DECLINED,
    EventKind.LOST,
    EventKind.NOTED,
    EventKind.ACKNOWLEDGED,
    EventKind.CALL_WANTED,
    EventKind.CALLED,
    EventKind.LINK_RENEWED,
    EventKind.SENT_AGAIN,
    EventKind.TEXTED,
    EventKind.ATTENDING,
    EventKind.CUSTOMER_LATE,
    EventKind.TEXT_MATCHED,
    EventKind.ON_SITE,
    EventKind.PHOTOS_ADDED,
    EventKind.PHOTOS_REMOVED,
)


def postings_of(booking: Booking, kind: EventKind, *, now: datetime) -> list[Posting]:
    """What is to be written along with the event. The ledger, which stands to the right, takes it from there."""
    return [] if kind in MOVES_NO_MONEY else [Posting(booking=booking, due_at=now + POSTED_AFTER)]
