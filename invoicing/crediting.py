"""What a refund of invoiced money takes off the bill: or its customer would be asked for it again. And what is left
unpaid of the bill of a job that is off.

A refund of what was paid beyond the bill takes nothing. Of any other the business gave back a part of the price, so a
credit note goes with it, whoever asked for it and wherever it was made.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from bookings.actors import SYSTEM
from bookings.models import Booking, Status
from payments.bills import standing_of
from payments.models import PaymentKind, Refund, RefundStatus
from peepopay import sweeps
from peepopay.money import dollars

from .invoice_models import CreditedRefund, Invoice
from .invoices import invoice_of, issue_credit_note, locked

logger = logging.getLogger(__name__)
COUNTS = (RefundStatus.REQUESTED, RefundStatus.SUBMITTED, RefundStatus.SUCCEEDED)
OFF = (Status.CANCELLED, Status.NO_SHOW)  # of an invoiced job: it was said not to be done after all
MOST_AT_ONCE = 200
# The sweep looks no further back: most refunds were before any invoice, and what was kept by card of a job that is off
# stays on its bill, so either would be looked at for ever. Of what was left out for so long the self-check speaks.
LOOKED_BACK = timedelta(days=7)


def waiting(**of: object) -> QuerySet[Refund]:
    """Refunds of what was invoiced before, that nobody has looked at yet. What one in the place of a failed one gives
    back was credited with that, and counts by then as paid beyond the bill; unless that failed before it was."""
    return Refund.objects.filter(
        credited=None,
        status__in=COUNTS,
        payment__kind__in=(PaymentKind.DEPOSIT, PaymentKind.BALANCE),
        created_at__gte=F("payment__booking__bill__asked_at"),
        **of,
    ).order_by("created_at")


@transaction.atomic
def credit_refunds(booking: Booking, *, now: datetime) -> list[Invoice]:
    """Issue the credit notes that its refunds call for, each once."""
    booking = locked(booking)
    refunds = list(waiting(payment__booking=booking))
    standing = standing_of(booking)
    if not refunds or standing is None:
        return []
    received = standing.received_cents + sum(refund.amount_cents for refund in refunds)
    notes = []
    for refund in refunds:
        standing = standing_of(booking)
        assert standing is not None
        over = max(received - standing.asked_cents, 0)
        received -= refund.amount_cents
        notes += _credit(booking, refund, max(refund.amount_cents - over, 0), now)
    return notes


def _credit(booking: Booking, refund: Refund, cents: int, now: datetime) -> list[Invoice]:
    invoice = invoice_of(booking)
    if invoice is None:
        cents = 0
    CreditedRefund.objects.create(refund=refund, credited_cents=cents)
    if not cents or invoice is None:
        return []
    reason = f"{dollars(refund.amount_cents)} refunded"
    return [issue_credit_note(invoice, cents, reason=reason, key=refund.pk, by=SYSTEM, now=now)]


@transaction.atomic
def credit_what_is_off(booking: Booking, *, now: datetime) -> Invoice | None:
    """Of a job that was invoiced and is off: nobody is going to pay what is left of it. What was received stays, until
    it goes back."""
    booking = locked(booking)
    standing, invoice = standing_of(booking), invoice_of(booking)
    if booking.status not in OFF or standing is None or invoice is None or not standing.left_cents:
        return None
    cents = standing.left_cents  # at most what is asked, which is what stands of the invoice
    return issue_credit_note(invoice, cents, reason="The job was called off", key=uuid4(), by=SYSTEM, now=now)


def off_lately(now: datetime) -> QuerySet[Booking]:
    """Jobs of which something was asked, and that went off in the last days."""
    since = now - LOOKED_BACK
    lately = Q(cancelled_at__gt=since) | Q(no_show_at__gt=since)
    return Booking.objects.filter(lately, status__in=OFF, bill__asked_cents__gt=F("bill__elsewhere_cents"))


def refunded_lately(now: datetime) -> QuerySet[Refund]:
    """Of those that wait, the ones of the last days; Stripe's own count from when we met them."""
    return waiting(created_at__gt=now - LOOKED_BACK)


def credit_all(*, now: datetime) -> int:
    """The sweep: refunds that were made in Stripe's dashboard, in the admin, or by the rules; and jobs that are off.
    Returns how many bookings."""
    found = refunded_lately(now).values_list("payment__booking", flat=True)[:MOST_AT_ONCE]
    off = off_lately(now).values_list("pk", flat=True)[:MOST_AT_ONCE]
    bookings = Booking.objects.filter(pk__in={*found, *off})

    def credit(booking: Booking) -> bool:
        credit_refunds(booking, now=now)
        credit_what_is_off(booking, now=now)
        return True

    return sweeps.each(list(bookings), credit)
