"""What must hold whatever happened. Each check is one query; `manage.py check_invariants` must print 0."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bookings.models import HOLDS_TIME

YOUNG = timedelta(minutes=30)  # work may wait that long for the broker, Stripe or a provider to come back
MOST_SHOWN = 100


def findings(*, now: datetime) -> list[str]:
    """A line for every row that breaks a promise, at most 100 a check; ids only, nothing personal."""
    return [f"{name}: {key}" for name, check in CHECKS.items() for key in check(now)]


def _keys(sql: str, *parameters: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {MOST_SHOWN}", parameters)
        return [" ".join(str(value) for value in row) for row in cursor.fetchall()]


def overlapping_bookings(now: datetime) -> list[str]:
    """Two live bookings of one calendar at one time. Looked for without trusting the constraint."""
    return _keys(
        """SELECT a.id, b.id FROM bookings_booking a JOIN bookings_booking b
           ON a.calendar_id = b.calendar_id AND a.id < b.id AND a.period && b.period
           WHERE a.status = ANY(%s) AND b.status = ANY(%s)""",
        list(HOLDS_TIME),
        list(HOLDS_TIME),
    )


def confirmed_without_payment(now: datetime) -> list[str]:
    """A confirmed booking with a deposit due needs exactly one succeeded payment of just that amount."""
    return _keys(
        """SELECT b.id FROM bookings_booking b
           WHERE b.deposit_cents > 0 AND b.status IN ('confirmed', 'completed', 'no_show') AND 1 <> (
               SELECT count(*) FROM payments_payment p WHERE p.booking_id = b.id AND p.kind = 'deposit'
               AND p.status = 'succeeded' AND p.amount_cents = b.deposit_cents)"""
    )


def payments_without_booking_or_refund(now: datetime) -> list[str]:
    """Money that came for a booking which is not going to happen must be on its way back. A cancelled booking may
    keep what its policy says."""
    return _keys(
        """SELECT p.id FROM payments_payment p JOIN bookings_booking b ON b.id = p.booking_id
           WHERE p.status = 'succeeded' AND p.paid_at < %s
           AND b.status NOT IN ('confirmed', 'completed', 'no_show', 'cancelled')
           AND p.refunded_cents + p.reserved_cents < p.amount_cents""",
        now - timedelta(minutes=2),
    )


def refunds_not_adding_up(now: datetime) -> list[str]:
    """What a payment says was refunded and reserved is what its refunds add up to."""
    return _keys(
        """SELECT p.id FROM payments_payment p LEFT JOIN payments_refund r ON r.payment_id = p.id
           GROUP BY p.id
           HAVING p.refunded_cents <> coalesce(sum(r.amount_cents) FILTER (WHERE r.status = 'succeeded'), 0)
           OR p.reserved_cents <>
               coalesce(sum(r.amount_cents) FILTER (WHERE r.status IN ('requested', 'submitted')), 0)"""
    )


def bookings_without_history(now: datetime) -> list[str]:
    """A booking and its first event are written together; one without the other means that something was lost."""
    return _keys(
        """SELECT b.id FROM bookings_booking b
           WHERE NOT EXISTS (SELECT FROM bookings_bookingevent e WHERE e.booking_id = b.id)"""
    )


def confirmed_but_nobody_told(now: datetime) -> list[str]:
    """A confirmation and its messages are written together."""
    return _keys(
        """SELECT b.id FROM bookings_booking b WHERE b.status = 'confirmed' AND EXISTS (
               SELECT FROM bookings_bookingevent e WHERE e.booking_id = b.id AND e.kind = 'confirmed')
           AND NOT EXISTS (SELECT FROM notifications_message m WHERE m.about = b.id)"""
    )


def holds_never_lapsed(now: datetime) -> list[str]:
    """A hold that is long over still keeps others out."""
    limit = now - timedelta(seconds=settings.EXPIRY_GRACE_SECONDS) - YOUNG
    return _keys(
        "SELECT id FROM bookings_booking WHERE status IN ('pending', 'expiring') AND held_until < %s", limit
    )


def outbox_rows_stuck(now: datetime) -> list[str]:
    """Work that is neither done, nor given up visibly, nor young."""
    return [
        f"{table} {key}"
        for table in ("notifications_message", "payments_stripeevent", "payments_refund")
        for key in _keys(
            f"SELECT id FROM {table} WHERE done_at IS NULL AND dead_at IS NULL AND due_at < %s",  # noqa: S608
            now - YOUNG,
        )
    ]


def sent_twice(now: datetime) -> list[str]:
    """Two messages for one occasion. Looked for without trusting the constraint."""
    return _keys("SELECT dedupe_key FROM notifications_message GROUP BY dedupe_key HAVING count(*) > 1")


def events_processed_twice(now: datetime) -> list[str]:
    return _keys("SELECT id FROM payments_stripeevent WHERE runs > 1")


CHECKS: dict[str, Callable[[datetime], list[str]]] = {
    check.__name__: check
    for check in (
        overlapping_bookings,
        confirmed_without_payment,
        payments_without_booking_or_refund,
        refunds_not_adding_up,
        bookings_without_history,
        confirmed_but_nobody_told,
        holds_never_lapsed,
        outbox_rows_stuck,
        sent_twice,
        events_processed_twice,
    )
}
