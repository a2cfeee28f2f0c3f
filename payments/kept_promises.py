"""How many of its jobs a business kept its word on, counted from our rows by one statement: docs/promises.md has the
same, for whoever wants to count again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import Tradie

FEWEST_SHOWN = 20  # of fewer jobs a figure says nothing, and one bad day everything

COUNTED = """
WITH job AS (
    SELECT booking.status = 'cancelled' AS off,
        booking.status = 'cancelled' AND (booking.asked_to_move_at IS NOT NULL OR EXISTS (
            SELECT FROM bookings_bookingevent event
            WHERE event.booking_id = booking.id AND event.kind = 'cancelled' AND event.actor = 'tradie'
        )) AS cancelled_by_business,
        booking.late_minutes > 0 OR EXISTS (
            SELECT FROM bookings_bookingevent asked
            WHERE asked.booking_id = booking.id AND asked.kind = 'asked_to_move' AND NOT EXISTS (
                SELECT FROM bookings_bookingevent kept
                WHERE kept.booking_id = booking.id AND kept.kind = 'kept' AND kept.at >= asked.at
            )
        ) AS not_on_time,
        refund.promised, refund.broken
    FROM bookings_booking booking
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS promised, coalesce(bool_or(
            CASE WHEN refund.status IN ('succeeded', 'not_needed')
                THEN refund.done_at > refund.created_at + interval '14 days'
                ELSE refund.status = 'failed' OR refund.created_at + interval '14 days' < %(now)s
            END
        ), false) AS broken
        FROM payments_refund refund JOIN payments_payment payment ON payment.id = refund.payment_id
        WHERE payment.booking_id = booking.id AND refund.origin = 'ours' AND NOT EXISTS (
            SELECT FROM payments_refund instead WHERE instead.instead_of_id = refund.id
        )
    ) refund
    WHERE booking.tradie_id = %(tradie)s AND booking.confirmed_at IS NOT NULL
        AND booking.status IN ('completed', 'cancelled')
        AND booking.starts_at > %(now)s - interval '1 year' AND booking.starts_at <= %(now)s
)
SELECT count(*) AS jobs,
    count(*) FILTER (WHERE NOT cancelled_by_business AND (off OR NOT not_on_time) AND NOT broken) AS kept,
    count(*) FILTER (WHERE cancelled_by_business) AS cancelled,
    count(*) FILTER (WHERE NOT off AND not_on_time) AS not_on_time,
    count(*) FILTER (WHERE broken) AS not_refunded
FROM job WHERE NOT off OR cancelled_by_business OR promised
"""


@dataclass(frozen=True)
class KeptPromises:
    """Of `jobs` of a year so many `kept`; of the others why not, where one may be so in several ways."""

    jobs: int
    kept: int
    cancelled: int
    not_on_time: int
    not_refunded: int

    @property
    def is_enough(self) -> bool:
        """To be shown to strangers."""
        return self.jobs >= FEWEST_SHOWN


def kept_promises(tradie_id: uuid.UUID, *, now: datetime) -> KeptPromises:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"tradie": tradie_id, "now": now})
        return KeptPromises(*cursor.fetchone())


def shown_to_public(tradie: Tradie, *, now: datetime) -> KeptPromises | None:
    """What customers see of it: nothing of a business that hasn't said so (no query), nor of too few jobs."""
    if not tradie.shows_kept_promises:
        return None
    found = kept_promises(tradie.pk, now=now)
    return found if found.is_enough else None
