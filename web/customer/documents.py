"""A customer takes their invoices and credit notes along."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from bookings.models import Booking
from invoicing.models import Invoice
from invoicing.sending import content_of
from peepopay.methods import require_safe
from web.customer.access import for_the_customer


@for_the_customer
@require_safe
def document(request: HttpRequest, booking: Booking, token: str, document_id: UUID) -> HttpResponse:
    """An invoice or a credit note of this booking, once it is made."""
    return as_file(get_object_or_404(Invoice, pk=document_id, booking=booking))


def as_file(invoice: Invoice) -> HttpResponse:
    """404 as long as it isn't made, and once it was erased."""
    content = content_of(invoice)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{invoice.label}.pdf"'
    return response
