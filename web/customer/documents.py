"""A customer takes their invoices, credit notes and the receipt of their deposit along."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from bookings.models import Booking
from invoicing.deposit_receipts import is_being_made, receipt_of
from invoicing.models import Invoice
from invoicing.sending import content_of
from peepopay.methods import require_safe
from web.customer.access import for_the_customer


@for_the_customer
@require_safe
def deposit_receipt(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Of this booking. The mail that leads here may be read before it is made: then to the page that will have it."""
    if is_being_made(booking):
        notices.info(request, "Your receipt is being made. It is here in a minute.")
        return redirect("manage", token)
    return receipt_as_file(booking)


@for_the_customer
@require_safe
def document(request: HttpRequest, booking: Booking, token: str, document_id: UUID) -> HttpResponse:
    """An invoice or a credit note of this booking, once it is made."""
    return as_file(get_object_or_404(Invoice, pk=document_id, booking=booking))


def as_file(invoice: Invoice) -> HttpResponse:
    """404 as long as it isn't made, and once it was erased."""
    return _pdf(content_of(invoice), invoice.label)


def receipt_as_file(booking: Booking) -> HttpResponse:
    """404 as long as it isn't made, and once it was erased."""
    return _pdf(receipt_of(booking), f"Deposit receipt {booking.reference}")


def _pdf(content: bytes | None, name: str) -> HttpResponse:
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
