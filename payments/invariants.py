"""What must hold whatever happened, and what waits for a person. `manage.py check_invariants` must print 0."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from bookings.models import HOLDS_TIME
from peepopay import outbox

from .books_checks import BOOKS
from .self_check import MOST_SHOWN, YOUNG, Check, keys, lines_of
from .unattended import FOR_A_PERSON


def findings(*, now: datetime) -> list[str]:
    """A line for every row that breaks a promise, at most 100 a check; ids only, nothing personal."""
    autodiscover_modules("self_checks")
    return list(lines_of(CHECKS, now))


def for_a_person(*, now: datetime) -> list[str]:
    """A line for every row that no program goes on with: somebody must look, and say so in the admin."""
    return list(lines_of(FOR_A_PERSON, now))


def promise(check: Check) -> Check:
    """Of an app that this one doesn't know, in its `self_checks.py`: looked for with the others."""
    CHECKS[check.__name__] = check
    return check


def overlapping_bookings(now: datetime) -> list[str]:
    """Two live bookings of one calendar at one time. Looked for without trusting the constraint.

    In the order of their beginnings, one that begins before all earlier ones have ended: a sort instead of a comparison
    of everything with everything. Then whom it meets. MATERIALIZED, or the inner LIMIT makes PostgreSQL hope for an
    early end and walk an index through the whole table, which takes four times as long.
    """
    return keys(
        """WITH live AS MATERIALIZED (
               SELECT id, calendar_id AS whose, period FROM bookings_booking WHERE status = ANY(%s)
           ), late AS (
               SELECT * FROM (
                   SELECT *, max(upper(period)) OVER (
                       PARTITION BY whose ORDER BY lower(period), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                   ) AS taken_until FROM live
               ) in_order WHERE lower(period) < taken_until LIMIT %s
           )
           SELECT DISTINCT least(late.id, live.id), greatest(late.id, live.id)
           FROM late JOIN live ON live.whose = late.whose AND live.period && late.period AND live.id <> late.id""",
        list(HOLDS_TIME),
        MOST_SHOWN,
    )


def confirmed_without_payment(now: datetime) -> list[str]:
    """A confirmed booking with a deposit due needs exactly one succeeded payment of just that amount."""
    return keys(
        """SELECT b.id FROM bookings_booking b
           WHERE b.deposit_cents > 0 AND b.status IN ('confirmed', 'completed', 'no_show') AND 1 <> (
               SELECT count(*) FROM payments_payment p WHERE p.booking_id = b.id AND p.kind = 'deposit'
               AND p.status = 'succeeded' AND p.amount_cents = b.deposit_cents)"""
    )


def payments_without_booking_or_refund(now: datetime) -> list[str]:
    """Money that came for a booking which is not going to happen must be on its way back. A cancelled booking may
    keep what its policy says; what was disputed is decided by the customer's bank, or by a person who was asked."""
    return keys(
        """SELECT p.id FROM payments_payment p JOIN bookings_booking b ON b.id = p.booking_id
           WHERE p.status = 'succeeded' AND p.paid_at < %s
           AND b.status NOT IN ('confirmed', 'completed', 'no_show', 'cancelled')
           AND p.refunded_cents + p.reserved_cents < p.amount_cents
           AND NOT EXISTS (SELECT FROM payments_dispute d WHERE d.payment_id = p.id)""",
        now - timedelta(minutes=2),
    )


def requests_without_card_hold(now: datetime) -> list[str]:
    """The tradie is asked about a deposit that no card holds."""
    return keys(
        """SELECT b.id FROM bookings_booking b
           WHERE b.status = 'requested' AND b.deposit_cents > 0 AND NOT EXISTS (
               SELECT FROM payments_payment p WHERE p.booking_id = b.id AND p.status = 'authorised')"""
    )


def card_holds_without_request(now: datetime) -> list[str]:
    """A card holds money for a booking that is settled, and nobody is going to let go of it."""
    return keys(
        """SELECT p.id FROM payments_payment p JOIN bookings_booking b ON b.id = p.booking_id
           LEFT JOIN payments_cardhold h ON h.payment_id = p.id AND h.done_at IS NULL
           WHERE p.status = 'authorised' AND b.status <> 'requested' AND h.id IS NULL"""
    )


def fees_without_no_show(now: datetime) -> list[str]:
    """A no-show fee was taken, the no-show taken back, and the money is not on its way back."""
    return keys(
        """SELECT p.id FROM payments_payment p JOIN bookings_booking b ON b.id = p.booking_id
           WHERE p.kind = 'no_show_fee' AND p.status = 'succeeded' AND p.paid_at < %s
           AND (b.status <> 'no_show' OR p.called_off_at IS NOT NULL)
           AND p.refunded_cents + p.reserved_cents + p.disputed_cents < p.amount_cents
           AND NOT EXISTS (SELECT FROM payments_refund r WHERE r.payment_id = p.id AND r.status = 'failed')
           AND NOT EXISTS (SELECT FROM payments_dispute d WHERE d.payment_id = p.id)""",
        now - timedelta(minutes=2),
    )


def refunds_not_adding_up(now: datetime) -> list[str]:
    """What a payment says was refunded and reserved is what its refunds add up to."""
    return keys(
        """SELECT p.id FROM payments_payment p LEFT JOIN payments_refund r ON r.payment_id = p.id
           GROUP BY p.id
           HAVING p.refunded_cents <> coalesce(sum(r.amount_cents) FILTER (WHERE r.status = 'succeeded'), 0)
           OR p.reserved_cents <>
               coalesce(sum(r.amount_cents) FILTER (WHERE r.status IN ('requested', 'submitted')), 0)"""
    )


def bookings_without_history(now: datetime) -> list[str]:
    """A booking and its first event are written together; one without the other means that something was lost."""
    return keys(
        """SELECT b.id FROM bookings_booking b
           WHERE NOT EXISTS (SELECT FROM bookings_bookingevent e WHERE e.booking_id = b.id)"""
    )


def confirmed_but_nobody_told(now: datetime) -> list[str]:
    """A confirmation and its messages are written together; long after the job they go (bookings/erasure.py).
    Of a visit of a series nobody is told by itself."""
    return keys(
        """SELECT b.id FROM bookings_booking b WHERE b.status = 'confirmed' AND b.erased_at IS NULL AND EXISTS (
               SELECT FROM bookings_bookingevent e WHERE e.booking_id = b.id AND e.kind = 'confirmed')
           AND NOT EXISTS (SELECT FROM notifications_message m WHERE m.about = b.id)
           AND NOT EXISTS (SELECT FROM bookings_visit v WHERE v.booking_id = b.id)"""
    )


def holds_never_lapsed(now: datetime) -> list[str]:
    """A hold that is long over still keeps others out."""
    limit = now - timedelta(seconds=settings.EXPIRY_GRACE_SECONDS) - YOUNG
    return keys(
        "SELECT id FROM bookings_booking WHERE status IN ('pending', 'expiring') AND held_until < %s", limit
    )


def outbox_rows_stuck(now: datetime) -> list[str]:
    """Work that is neither done, nor given up visibly, nor young: no relay publishes it, or no worker takes it."""
    return [
        f"{model._meta.label} {key}"
        for model in outbox.kinds()
        for key in outbox.stuck_rows(model, since=now - YOUNG).values_list("pk", flat=True)[:MOST_SHOWN]
    ]


def sent_twice(now: datetime) -> list[str]:
    """Two messages for one occasion. Looked for without trusting the constraint."""
    return keys("SELECT dedupe_key FROM notifications_message GROUP BY dedupe_key HAVING count(*) > 1")


def events_processed_twice(now: datetime) -> list[str]:
    return keys("SELECT id FROM payments_stripeevent WHERE runs > 1")


def businesses_without_owner(now: datetime) -> list[str]:
    """Nobody could invite anybody there, or close it."""
    return keys(
        """SELECT t.id FROM accounts_tradie t WHERE NOT EXISTS (
               SELECT 1 FROM accounts_membership m WHERE m.tradie_id = t.id AND m.role = 'owner')
               AND t.closed_at IS NULL"""
    )


def differs_from_stripe(now: datetime) -> list[str]:
    """What the nightly comparison found and nobody has mended."""
    return keys(
        "SELECT kind, account_id, object_id FROM payments_discrepancy WHERE resolved_at IS NULL ORDER BY found_at"
    )


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        overlapping_bookings,
        confirmed_without_payment,
        payments_without_booking_or_refund,
        requests_without_card_hold,
        card_holds_without_request,
        fees_without_no_show,
        refunds_not_adding_up,
        bookings_without_history,
        confirmed_but_nobody_told,
        holds_never_lapsed,
        outbox_rows_stuck,
        sent_twice,
        events_processed_twice,
        differs_from_stripe,
        businesses_without_owner,
        *BOOKS,
    )
}
