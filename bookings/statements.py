"""What cancelling costs from now on, in words."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest

from .models import HELD, Booking, Status


def policy_statement(
    booking: Booking, *, now: datetime, left_cents: int | None, starts_at: datetime | None = None
) -> list[str]:
    """A sentence each, in the zone of its tradie. `left_cents`: of what was paid, as `policy.statement` has it.
    `starts_at`: if it moves there. Reads the booking's tradie, no query where that is loaded."""
    is_asked = booking.requires_approval and booking.status in (*HELD, Status.REQUESTED)
    return booking.terms.policy_statement(
        starts_at or booking.starts_at,
        booking.tradie.timezone,
        now=now,
        is_asked=is_asked,
        left_cents=left_cents,
    )


def with_what_is_left(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Each row with `Booking.left_cents`: without what is on its way back, or with the customer's bank."""
    left = F("payments__amount_cents") - F("payments__refunded_cents") - F("payments__reserved_cents")
    paid = Booking.objects.filter(pk=OuterRef("pk"), payments__status="succeeded").order_by().values("pk")
    left_cents = paid.annotate(cents=Sum(Greatest(left - F("payments__disputed_cents"), 0))).values("cents")
    return rows.annotate(left_cents=Subquery(left_cents))  # type: ignore[no-redef]
