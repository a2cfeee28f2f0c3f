"""What the books are told of money that came without Stripe (in cash, by transfer, on the tradie's own terminal), and
of how much of a job carries GST."""

from __future__ import annotations

from datetime import datetime, time

from bookings.models import Booking
from ledger.chart import Account
from ledger.models import JournalKind
from ledger.told import Movement, TaxedShare, Told, teller
from peepopay.local_time import in_zone, zone

from .invoice_models import DocumentKind, Invoice, Receipt


@teller
def without_stripe(booking: Booking) -> Told:
    """One query. One that was undone is told of no more, and so is reversed."""
    receipts = Receipt.objects.filter(booking=booking, undone_at=None)
    return Told([_received(receipt, booking.tradie.timezone) for receipt in receipts])


@teller
def of_lines_free_of_gst(booking: Booking) -> Told:
    """One query. What was quoted counts until there is an invoice; what was invoiced from then on. A credit note leaves
    the share as it is."""
    invoices = Invoice.objects.filter(booking=booking, kind=DocumentKind.INVOICE, gst_registered=True)
    shares = [
        TaxedShare(invoice.taxable_cents, invoice.total_cents, invoice.issued_at) for invoice in invoices
    ]
    lines = booking.terms.quote_lines
    if quoted_cents := sum(line.total_cents for line in lines):
        taxed_cents = sum(line.total_cents for line in lines if not line.is_gst_free)
        shares.append(TaxedShare(taxed_cents, quoted_cents, booking.created_at))
    return Told(shares=shares)


def _received(receipt: Receipt, zone_name: str) -> Movement:
    """It is paid for the job itself, so GST on it is due at once; and no more, once it is handed back."""
    return Movement(
        f"receipt:{receipt.pk}",
        JournalKind.REFUND if receipt.is_given_back else JournalKind.CASH,
        _when(receipt, zone_name),
        {Account.BANK: receipt.cents},
        taxed_at_once=True,
    )


def _when(receipt: Receipt, zone_name: str) -> datetime:
    """Of another day than that on which it was written down only the date is known."""
    if in_zone(receipt.recorded_at, zone_name).date() == receipt.received_on:
        return receipt.recorded_at
    return datetime.combine(receipt.received_on, time(12), zone(zone_name))
