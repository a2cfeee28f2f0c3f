"""A document is made by a worker, kept, and then mailed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from peepopay import outbox

from . import documents, invoice_messages
from .invoice_models import Invoice, InvoicePdf

WHOLE = Invoice.objects.select_related("tradie__connected_account", "booking__tradie", "corrects")


def make_and_send(row: InvoicePdf, *, now: datetime) -> outbox.Changes:
    """Made once: a worker that died after that only sees to the mail, which has its own key. The credit note of an
    invoice that was corrected goes with the new one, in one mail."""
    invoice = WHOLE.get(pk=row.invoice_id)
    for document in (invoice, *_going_with(invoice)):
        _make(document)
    with transaction.atomic():
        invoice_messages.tell_document(invoice, now=now)
    return {}


def _going_with(invoice: Invoice) -> list[Invoice]:
    paired = invoice.replaced_by_it()
    return [WHOLE.get(pk=paired.pk)] if paired else []


def _make(invoice: Invoice) -> None:
    if InvoicePdf.objects.filter(invoice=invoice, sha256="").exists():
        content = documents.made(invoice)
        digest = hashlib.sha256(content).hexdigest()
        InvoicePdf.objects.filter(invoice=invoice, sha256="").update(content=content, sha256=digest)


def content_of(invoice: Invoice) -> bytes | None:
    """The document as it was made; None as long as it isn't, and once it was erased."""
    content = InvoicePdf.objects.filter(invoice=invoice).values_list("content", flat=True).first()
    return None if content is None else bytes(content)
