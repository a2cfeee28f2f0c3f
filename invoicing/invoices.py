"""Invoices and credit notes issued: numbered, frozen, counted into the bill of their booking.

Each of `issue_invoice` and `issue_credit_note` is the one place where that happens, in one transaction with what
follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from bookings.actors import By
from bookings.lifecycle import mark_completed, record
from bookings.models import Booking, EventKind, Status
from payments.bill_models import Bill
from payments.bills import by_card
from payments.totals import totals_of
from peepopay import outbox
from peepopay.errors import BookingNotChangeable, ValidationFailed
from peepopay.money import dollars

from . import webhook_events
from .invoice_models import DocumentKind, Invoice, InvoiceLine, InvoicePdf, PayTo
from .line_items import Line, LineTotals, part_of, totals, what_is_wrong
from .line_models import columns_of
from .numbers import next_number

NOT_DONE = "An invoice comes with the job: once it has started, or is done."
NO_ABN = "A tax invoice needs your ABN. Add it under Business details, then come back."
CHANGED = "The invoice was corrected in the meantime. This is how it stands now."
ONE = Decimal(1)
STANDS = "There is an invoice for this job already. Correct that one."


def locked(booking: Booking) -> Booking:
    """Its row, locked, in the caller's transaction; with its business."""
    rows = Booking.objects.select_for_update(of=("self",), no_key=True).select_related("tradie")
    found: Booking = rows.get(pk=booking.pk)
    return found


def invoice_of(booking: Booking) -> Invoice | None:
    """The one that stands: not all of it was credited."""
    invoices = Invoice.objects.filter(booking=booking, kind=DocumentKind.INVOICE).order_by("-issued_at")
    return next((invoice for invoice in invoices if uncredited_cents(invoice)), None)


def uncredited_cents(invoice: Invoice) -> int:
    credited = invoice.credit_notes.aggregate(cents=Sum(F("taxable_cents") + F("gst_free_cents")))["cents"]
    return invoice.total_cents - (credited or 0)


def may_be_invoiced(booking: Booking, now: datetime) -> bool:
    return booking.status == Status.COMPLETED or (
        booking.status == Status.CONFIRMED and booking.starts_at <= now
    )


@transaction.atomic
def issue_invoice(
    booking: Booking,
    lines: Iterable[Line],
    *,
    key: UUID,
    by: By,
    now: datetime,
    instead_of: Invoice | None = None,
) -> Invoice:
    """Ask for these lines; a job that is under way is marked done by it. A worker makes the document and sends it.

    `key` stands for one press of the button: with it, however often, it is one invoice. `instead_of`: the invoice that
    this one corrects, of which all that stands is credited first. Raises ValidationFailed, BookingNotChangeable.
    """
    booking, rows = locked(booking), list(lines)
    if before := Invoice.objects.filter(booking=booking, kind=DocumentKind.INVOICE, client_key=key).first():
        return before
    _require_may_ask(booking, rows, now)
    _give_way(booking, instead_of, key, by, now)
    if booking.status == Status.CONFIRMED:
        mark_completed(booking, by=by, now=now)
    sums = totals(rows, gst_registered=booking.tradie.gst_registered)
    pay_to = PayTo.objects.filter(tradie=booking.tradie).first()
    invoice = _issue(
        booking,
        DocumentKind.INVOICE,
        sums,
        rows,
        now=now,
        client_key=key,
        paid_before_cents=received_cents(booking),
        pay_to=pay_to.as_told if pay_to else {},
        gst_registered=booking.tradie.gst_registered,
        seller=seller_of(booking.tradie),
    )
    _note(booking, EventKind.INVOICED, Change.INVOICED, invoice, by, now)
    return invoice


def _require_may_ask(booking: Booking, lines: list[Line], now: datetime) -> None:
    if not may_be_invoiced(booking, now):
        raise BookingNotChangeable(NOT_DONE)
    tradie = booking.tradie
    if tradie.gst_registered and not tradie.abn:
        raise ValidationFailed(NO_ABN)
    if wrong := what_is_wrong(lines, gst_registered=tradie.gst_registered):
        raise ValidationFailed(wrong)


def _give_way(booking: Booking, instead_of: Invoice | None, key: UUID, by: By, now: datetime) -> None:
    """There is one invoice that stands, and the new one takes its place."""
    stands = invoice_of(booking)
    if stands != instead_of:
        raise BookingNotChangeable(CHANGED if instead_of else STANDS)
    if stands:
        left = uncredited_cents(stands)
        issue_credit_note(stands, left, reason="Replaced by a corrected invoice", key=key, by=by, now=now)


@transaction.atomic
def issue_credit_note(
    invoice: Invoice, cents: int, *, reason: str, key: UUID, by: By, now: datetime
) -> Invoice:
    """Take `cents` of an invoice back, with the GST in them. Under one `key`, however often, it is one.

    Raises ValidationFailed for more than stands of the invoice.
    """
    booking = locked(invoice.booking)
    if before := Invoice.objects.filter(
        booking=booking, kind=DocumentKind.CREDIT_NOTE, client_key=key
    ).first():
        return before
    left = uncredited_cents(invoice)
    if not 0 < cents <= left:
        why = f"Only {dollars(left)} of this invoice stands." if left else "Nothing of this invoice stands."
        raise ValidationFailed(why, fields={"amount_cents": [why]})
    part = part_of(invoice.totals, cents, after_cents=invoice.total_cents - left)
    note = _issue(
        booking,
        DocumentKind.CREDIT_NOTE,
        part,
        _credit_lines(invoice, part),
        now=now,
        client_key=key,
        corrects=invoice,
        reason=reason[:200],
        gst_registered=invoice.gst_registered,
        seller=seller_of(booking.tradie),
    )
    _note(booking, EventKind.CREDITED, Change.CREDITED, note, by, now)
    return note


def _credit_lines(invoice: Invoice, part: LineTotals) -> list[Line]:
    """What was taxed and what was not apart, where there is both."""
    parts = ((part.taxable_cents, False), (part.gst_free_cents, True))
    return [
        Line(f"Credit on invoice {invoice.label}", ONE, cents, is_free) for cents, is_free in parts if cents
    ]


def _issue(
    booking: Booking, kind: DocumentKind, sums: LineTotals, lines: list[Line], **columns: Any
) -> Invoice:
    """Number it, write it, have it made and sent; what is asked for changes by it."""
    now = columns.pop("now")
    document = Invoice.objects.create(
        tradie=booking.tradie,
        booking=booking,
        kind=kind,
        number=next_number(booking.tradie_id, kind),
        issued_at=now,
        taxable_cents=sums.taxable_cents,
        gst_free_cents=sums.gst_free_cents,
        gst_cents=sums.gst_cents,
        buyer_name=booking.customer_name,
        buyer_address=address_of(booking),
        **columns,
    )
    InvoiceLine.objects.bulk_create(InvoiceLine(invoice=document, **row) for row in columns_of(lines))
    InvoicePdf.objects.create(invoice=document, due_at=now)
    outbox.announce()
    restate(booking, now=now)
    webhook_events.tell_issued(document, booking, now=now)
    return document


def address_of(booking: Booking) -> str:
    """Where the job is, in one line."""
    place = f"{booking.address_suburb} {booking.address_state} {booking.address_postcode}"
    return f"{booking.address_line1}, {place}"


def elsewhere_cents(booking: Booking) -> int:
    """What was written down as paid without us, less what was handed back. One query."""
    return sum(receipt.cents for receipt in booking.receipts.filter(undone_at=None))


def received_cents(booking: Booking) -> int:
    """What came in for a job until now, invoiced or not. Two queries."""
    return by_card(totals_of(booking)) + elsewhere_cents(booking)


def restate(booking: Booking, *, now: datetime) -> None:
    """The bill says what the documents and receipts come to; in the transaction that changed them, its booking
    locked."""
    documents = list(Invoice.objects.filter(booking=booking))
    if not documents:
        return  # what was paid before counts from the first invoice on
    asked = sum(
        document.total_cents if document.kind == DocumentKind.INVOICE else -document.total_cents
        for document in documents
    )
    elsewhere = elsewhere_cents(booking)
    Bill.objects.update_or_create(
        booking=booking,
        defaults={"asked_cents": asked, "elsewhere_cents": elsewhere},
        create_defaults={"asked_cents": asked, "elsewhere_cents": elsewhere, "asked_at": now},
    )


def seller_of(tradie: Tradie) -> dict[str, str]:
    """What a document says of its business, as it is now."""
    return {
        "name": tradie.business_name,
        "abn": tradie.abn,
        "licence": tradie.licence_number,
        "phone": tradie.phone,
        "email": tradie.email,
        "suburb": f"{tradie.suburb} {tradie.state}".strip(),
    }


def _note(
    booking: Booking, kind: EventKind, change: Change, document: Invoice, by: By, now: datetime
) -> None:
    said = f"{document.label}, {dollars(document.total_cents)}"
    record(booking, kind, by=by, now=now, detail=said)
    audit.note(booking.tradie_id, change, about=booking.reference, detail=said)
