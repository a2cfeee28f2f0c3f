"""All money and documents of a booking in the order in which they came: one thread, for both sides to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bookings.models import Booking
from payments.models import Payment, PaymentStatus, Refund

from .invoice_models import DocumentKind, Invoice, Receipt


@dataclass(frozen=True)
class Entry:
    """It is about one of the four. `cents`: what came in, or below 0 went back; of a document, what it says."""

    at: datetime
    cents: int
    payment: Payment | None = None
    refund: Refund | None = None
    document: Invoice | None = None
    receipt: Receipt | None = None


def payments_of(booking: Booking) -> QuerySet[Payment]:
    """With their refunds, and whether there is a receipt. Two queries."""
    rows = booking.payments.select_related("deposit_receipt").defer("deposit_receipt__content")
    return rows.prefetch_related("refunds")


def thread_of(booking: Booking, payments: Iterable[Payment] | None = None) -> list[Entry]:
    """`payments`: as `payments_of` gives them, if they are loaded already. Two queries, or four without."""
    rows = payments_of(booking) if payments is None else payments
    paid = [payment for payment in rows if payment.status == PaymentStatus.SUCCEEDED]
    documents = (
        Invoice.objects.filter(booking=booking).select_related("corrects", "pdf").defer("pdf__content")
    )
    entries = [
        *(
            Entry(payment.paid_at or payment.created_at, payment.amount_cents, payment=payment)
            for payment in paid
        ),
        *(
            Entry(refund.created_at, -refund.amount_cents, refund=refund)
            for payment in rows
            for refund in payment.refunds.all()
        ),
        *(Entry(document.issued_at, _said(document), document=document) for document in documents),
        *(
            Entry(receipt.recorded_at, receipt.cents, receipt=receipt)
            for receipt in booking.receipts.select_related("recorded_by", "undone_by")
        ),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _said(document: Invoice) -> int:
    return document.total_cents if document.kind == DocumentKind.INVOICE else -document.total_cents
