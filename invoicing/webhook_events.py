"""What a business's own systems are told of its invoices. docs/webhooks.md describes it to them."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking
from bookings.webhook_events import as_told
from notifications.webhooks.event_types import EventType, register
from notifications.webhooks.telling import tell
from payments.bills import standing_of
from payments.webhook_events import tell_balance

from .invoice_models import DocumentKind, Invoice, Receipt

TYPES = {
    DocumentKind.INVOICE: register("invoice.issued", "An invoice was issued for a job."),
    DocumentKind.CREDIT_NOTE: register(
        "invoice.credited", "A credit note took back an invoice, or a part of one."
    ),
}


def tell_issued(document: Invoice, booking: Booking, *, now: datetime) -> None:
    """In the caller's transaction, once the bill says what it comes to."""
    kind = DocumentKind(document.kind)
    told = {
        "id": str(document.pk),
        "number": document.label,
        "kind": kind.value,
        "corrects": str(document.corrects_id) if document.corrects_id else None,
        "total_cents": document.total_cents,
        "gst_cents": document.gst_cents,
        "currency": "aud",
    }
    tell(
        booking.tradie_id,
        TYPES[kind],
        booking.pk,
        lambda: {"invoice": {**told, "left_cents": _left_cents(booking)}, "booking": as_told(booking)},
        now=now,
    )


def tell_received(kind: EventType, receipt: Receipt, booking: Booking, *, now: datetime) -> None:
    """Money that somebody of the business wrote down, or took back, in the same transaction."""
    tell_balance(
        kind,
        booking,
        id=receipt.pk,
        how=receipt.how,
        amount_cents=receipt.amount_cents,
        left_cents=_left_cents(booking),
        now=now,
    )


def _left_cents(booking: Booking) -> int | None:
    standing = standing_of(booking)
    return standing.left_cents if standing else None
