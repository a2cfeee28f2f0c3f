"""Whether the books agree with our rows and with Stripe: for the self-check, and for the sweep that mends what was
missed. Each looks at whole tables and says which rows; what is still on its way is let be."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from ledger.posting import keep_books
from peepopay import sweeps

from .stripe_transactions import READY_WITHIN

YOUNG = timedelta(minutes=30)
MOST_SHOWN = 100
# Money through Stripe by our rows and by the books, booking by booking; nobody has yet to post any of it.
DIFFERING = """
    WITH by_rows AS (
        SELECT p.booking_id, sum(p.amount_cents - p.refunded_cents - coalesce(d.cents, 0)) AS cents,
            max(coalesce(p.paid_at, p.created_at)) AS paid_at
        FROM payments_payment p LEFT JOIN (
            SELECT payment_id, sum(amount_cents) AS cents FROM payments_dispute WHERE status = 'lost' GROUP BY 1
        ) d ON d.payment_id = p.id
        WHERE p.status = 'succeeded' GROUP BY 1
    ), by_books AS (
        SELECT j.booking_id, sum(e.cents) AS cents FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
        WHERE e.account IN ('stripe', 'disputed') AND j.booking_id IS NOT NULL AND j.source NOT LIKE 'txn:%%'
        GROUP BY 1
    )
    SELECT booking_id FROM by_rows FULL JOIN by_books USING (booking_id)
    WHERE coalesce(by_rows.cents, 0) <> coalesce(by_books.cents, 0) AND coalesce(by_rows.paid_at < %s, true)
    AND NOT EXISTS (SELECT FROM bookings_posting w WHERE w.done_at IS NULL
        AND w.booking_id = coalesce(by_rows.booking_id, by_books.booking_id))
    LIMIT %s"""
# What was held back of a job that is over, by the books, must be what still goes back by our rows.
HELD_FOR_NOTHING = """
    SELECT j.booking_id FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
    JOIN bookings_booking b ON b.id = j.booking_id
    WHERE e.account = 'deposits' AND b.status IN ('completed', 'no_show', 'cancelled')
    AND NOT EXISTS (SELECT FROM bookings_posting w WHERE w.booking_id = b.id AND w.done_at IS NULL)
    GROUP BY 1
    HAVING -sum(e.cents) > (
        SELECT coalesce(sum(p.reserved_cents + p.disputed_cents), 0) FROM payments_payment p
        WHERE p.booking_id = j.booking_id AND p.status = 'succeeded'
    ) + (
        SELECT coalesce(sum(r.amount_cents), 0) FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
        WHERE p.booking_id = j.booking_id AND r.status IN ('failed', 'not_needed')
    )"""
EARNED_TOO_EARLY = """
    SELECT j.booking_id FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
    JOIN bookings_booking b ON b.id = j.booking_id
    WHERE e.account IN ('sales', 'kept', 'refunds', 'disputes_lost')
    AND b.status NOT IN ('completed', 'no_show', 'cancelled')
    AND NOT EXISTS (SELECT FROM bookings_posting w WHERE w.booking_id = b.id AND w.done_at IS NULL)
    GROUP BY 1 HAVING sum(e.cents) <> 0"""


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _shown(rows: list[tuple[Any, ...]]) -> list[str]:
    return [" ".join(str(value) for value in row) for row in rows]


def differing(*, now: datetime, limit: int) -> list[uuid.UUID]:
    """Bookings of which the books say otherwise than our rows, and nobody is about to enter it."""
    return [booking_id for (booking_id,) in _rows(DIFFERING, now, limit)]


def post_missing(*, now: datetime, at_most: int = 200) -> int:
    """Enter what the books lack although nobody was asked to: rows from before there were books, or a posting that was
    lost; returns of how many bookings. Any number of times."""
    return sweeps.each(differing(now=now, limit=at_most), lambda booking_id: keep_books(booking_id) > 0)


def journals_out_of_balance(now: datetime) -> list[str]:
    """Entries that don't sum to zero, or a journal without any. Looked for without trusting the trigger."""
    return _shown(
        _rows(
            """SELECT j.id FROM ledger_journal j LEFT JOIN ledger_entry e ON e.journal_id = j.id
               GROUP BY j.id HAVING coalesce(sum(e.cents), 1) <> 0 LIMIT %s""",
            MOST_SHOWN,
        )
    )


def books_differ_from_rows(now: datetime) -> list[str]:
    """Money through Stripe of a booking, in its rows and in the books."""
    return _shown(_rows(DIFFERING, now - YOUNG, MOST_SHOWN))


def books_hold_what_is_earned(now: datetime) -> list[str]:
    """Customers' money that stands as held although its job is over and nothing goes back; or as earned too early."""
    return _shown(_rows(f"({HELD_FOR_NOTHING}) UNION ({EARNED_TOO_EARLY}) LIMIT %s", MOST_SHOWN))


def stripe_moved_otherwise(now: datetime) -> list[str]:
    """A payment of which Stripe's balance says otherwise than our rows, a day after anything last moved; of an account
    that lets us see its balance."""
    settled = now - READY_WITHIN - YOUNG
    return _shown(
        _rows(
            """SELECT p.id FROM payments_payment p
               JOIN payments_connectedaccount a ON a.account_id = p.account_id
               LEFT JOIN payments_stripetransaction t ON t.payment_id = p.id
               WHERE p.status = 'succeeded' AND p.paid_at < %s AND a.card_payments <> 'no_access'
               AND a.transactions_seen_until > p.paid_at + %s
               AND NOT EXISTS (SELECT FROM payments_refund r WHERE r.payment_id = p.id
                   AND (r.status = 'submitted' OR r.done_at > %s))
               AND NOT EXISTS (SELECT FROM payments_dispute d WHERE d.payment_id = p.id AND d.checked_at > %s)
               GROUP BY p.id
               HAVING coalesce(sum(t.amount_cents), 0) <> p.amount_cents - p.refunded_cents - p.disputed_cents
               LIMIT %s""",
            settled,
            READY_WITHIN,
            settled,
            settled,
            MOST_SHOWN,
        )
    )


BOOKS = (
    journals_out_of_balance,
    books_differ_from_rows,
    books_hold_what_is_earned,
    stripe_moved_otherwise,
)
