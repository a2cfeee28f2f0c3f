"""What the self-check looks for here."""

from __future__ import annotations

from datetime import datetime

from payments.invariants import promise
from payments.self_check import MOST_SHOWN, YOUNG, keys

from .crediting import waiting


@promise
def bills_not_adding_up(now: datetime) -> list[str]:
    """A bill says what its invoices less their credit notes come to, and what was paid without us; there is none before
    the first invoice. Three sums over whole tables, none of them of bookings."""
    return keys(
        """SELECT booking_id FROM payments_bill b FULL JOIN (
               SELECT booking_id, sum((taxable_cents + gst_free_cents) * CASE kind WHEN 'invoice' THEN 1 ELSE -1 END)
                   AS cents FROM invoicing_invoice GROUP BY 1
           ) issued USING (booking_id) LEFT JOIN (
               SELECT booking_id, sum(CASE WHEN is_given_back THEN -amount_cents ELSE amount_cents END) AS cents
               FROM invoicing_receipt WHERE undone_at IS NULL GROUP BY 1
           ) received USING (booking_id)
           WHERE b.asked_cents IS DISTINCT FROM issued.cents OR b.elsewhere_cents <> coalesce(received.cents, 0)"""
    )


@promise
def refunds_not_credited(now: datetime) -> list[str]:
    """Of invoiced money, and half an hour later nobody has looked what it takes off the bill: its customer may be asked
    for it again."""
    return [str(key) for key in waiting(created_at__lt=now - YOUNG).values_list("pk", flat=True)[:MOST_SHOWN]]
