"""What goes of invoices with their customers' details: who bought, and the documents that say so. Numbers, dates and
amounts stay: the tax office wants them for five years."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bookings import erasure
from bookings.whose_columns import ERASED

from .models import DepositReceipt, Invoice, InvoicePdf
from .quote_erasure import erase_of_person

erasure.also_of_a_person(erase_of_person)


@erasure.also
def erase(bookings: Sequence[UUID]) -> None:
    """Of these bookings, in the caller's transaction. The fingerprint of a document stays, which shows a kept copy to
    be the one that was issued."""
    InvoicePdf.objects.filter(invoice__booking__in=bookings).update(content=None)
    DepositReceipt.objects.filter(payment__booking__in=bookings).update(content=None)
    Invoice.objects.filter(booking__in=bookings).update(buyer_name=ERASED, buyer_address="")
