"""What a booking is at, and what follows from it for its time."""

from __future__ import annotations

from django.db.models import Q, TextChoices


class Status(TextChoices):
    PENDING = "pending", "Waiting for payment"
    EXPIRING = "expiring", "Hold is lapsing"
    EXPIRED = "expired", "Hold lapsed"
    LOST = "lost", "Paid too late"
    REQUESTED = "requested", "Waiting for approval"
    DECLINED = "declined", "Declined"
    CONFIRMED = "confirmed", "Confirmed"
    COMPLETED = "completed", "Done"
    NO_SHOW = "no_show", "No-show"
    CANCELLED = "cancelled", "Cancelled"


# A booking in one of these keeps others out of its time; the exclusion constraint says so to PostgreSQL.
HOLDS_TIME = (
    Status.PENDING,
    Status.EXPIRING,
    Status.REQUESTED,
    Status.CONFIRMED,
    Status.COMPLETED,
    Status.NO_SHOW,
)
HELD = (Status.PENDING, Status.EXPIRING)

# Neither paid for nor over: what one person may only have a few of (`limits.py`).
UNPAID = Q(status__in=HELD) | Q(status__in=(Status.REQUESTED, Status.CONFIRMED), deposit_cents=0)
