"""What a business's own systems are told of its invoices and quotes. docs/webhooks.md describes it to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.models import Booking
from bookings.webhook_events import as_told
from notifications.webhooks.event_types import EventType, register
from notifications.webhooks.telling import tell
from payments.bills import standing_of
from payments.webhook_events import tell_balance
from peepopay.local_time import in_zone

from .invoice_models import DocumentKind, Invoice, Receipt
from .quote_models import Quote

TYPES = {
    DocumentKind.INVOICE: register("invoice.issued", "An invoice was issued for a job."),
    DocumentKind.CREDIT_NOTE: register(
        "invoice.credited", "A credit note took back an invoice, or a part of one."
    ),
}
QUOTE_SENT = register("quote.sent", "You sent a quote, or a changed one.")
QUOTE_ACCEPTED = register("quote.accepted", "A customer accepted a quote, and the job is booked.")
QUOTE_DECLINED = register("quote.declined", "A customer said no to a quote.")
QUOTE_LAPSED = register("quote.lapsed", "The last day of a quote ended, and nobody had accepted it.")
QUOTE_WITHDRAWN = register("quote.withdrawn", "You withdrew a quote.")


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


def tell_quote(kind: EventType, quote: Quote, *, now: datetime, job: Booking | None = None) -> None:
    """In the caller's transaction, once the row is as it is to be told; its business and current version are loaded.
    `job`: what came of it."""
    tell(quote.tradie_id, kind, quote.pk, lambda: {"quote": _as_told(kind, quote, job)}, now=now)


def _as_told(kind: EventType, quote: Quote, job: Booking | None) -> dict[str, Any]:
    """Nothing that opens the customer's page."""
    version = quote.current
    assert version
    return {
        "id": str(quote.pk),
        "reference": quote.reference,
        "version": version.number,
        "state": kind.name.removeprefix("quote."),
        "title": version.title,
        "customer": {
            "name": quote.customer_name,
            "email": quote.customer_email,
            "phone": quote.customer_phone,
        },
        "address": {
            "line1": quote.address_line1,
            "suburb": quote.address_suburb,
            "state": quote.address_state,
            "postcode": quote.address_postcode,
        },
        "price_cents": version.price_cents,
        "gst_cents": version.totals.gst_cents,
        "deposit_cents": version.deposit_cents,
        "currency": "aud",
        "valid_until": in_zone(version.valid_until, quote.tradie.timezone).isoformat(),
        "booking": str(job.pk) if job else None,
        "decline_reason": quote.decline_reason,
        "dashboard_url": settings.SITE_URL + reverse("dashboard_quote", args=[quote.pk]),
    }
