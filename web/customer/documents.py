"""A customer takes their invoices, credit notes and the receipt of their deposit along."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from invoicing.deposit_receipts import ask_for, receipt_of
from invoicing.models import Invoice
from invoicing.sending import content_of
from peepopay.methods import require_safe
from web.customer.access import for_the_customer

LOOKS = 6  # of a page that waits by itself: 21 seconds in all


@for_the_customer
@require_safe
def deposit_receipt(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    return receipt_as_file(request, booking, looks="customer.html", back=reverse("manage", args=[token]))


@for_the_customer
@require_safe
def document(request: HttpRequest, booking: Booking, token: str, document_id: UUID) -> HttpResponse:
    """An invoice or a credit note of this booking, once it is made."""
    return as_file(get_object_or_404(Invoice, pk=document_id, booking=booking))


def as_file(invoice: Invoice) -> HttpResponse:
    """404 as long as it isn't made, and once it was erased."""
    return _pdf(content_of(invoice), invoice.label)


def receipt_as_file(request: HttpRequest, booking: Booking, *, looks: str, back: str) -> HttpResponse:
    """Who asks for it first waits on a page for as long as a worker needs, with `looks` and a link `back`; 404 where
    nothing was paid, and once it was erased."""
    content = receipt_of(booking)
    if content is None and ask_for(booking, now=timezone.now()):
        look = _look(request)
        context = {"tradie": booking.tradie, "booking": booking, "looks": looks, "back": back, "waits": look}
        response = render(request, "invoicing/receipt_soon.html", context)
        if look:
            response["Refresh"] = f"{look}; url=?look={look + 1}"
        return response
    return _pdf(content, f"Deposit receipt {booking.reference}")


def _look(request: HttpRequest) -> int:
    """Which it is of those that the page takes by itself, and after how many seconds the next comes; 0: no more."""
    said = request.GET.get("look", "1")
    look = int(said) if said.isascii() and said.isdecimal() and len(said) < 3 else 0
    return look if look <= LOOKS else 0


def _pdf(content: bytes | None, name: str) -> HttpResponse:
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
