"""What a job came to: its lines, the invoice of them, and how it is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.models import Booking
from bookings.terms import AgreedLine
from invoicing import invoices
from invoicing.invoice_messages import remind
from invoicing.invoices import (
    invoice_of,
    issue_credit_note,
    issue_invoice,
    may_be_invoiced,
    received_cents,
    uncredited_cents,
)
from invoicing.line_items import Line
from invoicing.models import Invoice
from payments.paying_balances import settle_balances
from peepopay.errors import AppError, PaymentProviderUnavailable, ValidationFailed
from peepopay.forms import PART_MISSING, add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.money import dollars
from web.customer.documents import as_file, receipt_as_file
from web.dashboard.access import for_members
from web.dashboard.bookings import own
from web.dashboard.invoicing_forms import CreditForm, InvoiceForm
from web.dashboard.lines_forms import BLANK, BaseLines, lines_form, posted_lines, typed_from
from web.form_pages import form_page, posted

NO_INVOICE = "There is no invoice for this job."


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def invoice(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET asks for the lines; the first POST shows what they come to, the second (`send`) issues the invoice."""
    booking = own(member, booking_id)
    if not may_be_invoiced(booking, timezone.now()):
        return render(request, "invoicing/not_yet.html", _not_yet(booking, invoices.NOT_DONE))
    if request.method != "POST":
        stands = invoice_of(booking)
        form = InvoiceForm(initial={"key": uuid4(), "instead_of": stands.pk if stands else None})
        return _show(request, booking, form, _first_lines(booking, stands), "invoicing/invoice.html")
    form = InvoiceForm(request.POST)
    lines = posted_lines(request.POST, gst_registered=booking.tradie.gst_registered)
    if not lines.is_whole or not form.is_valid():
        form.add_error(None, PART_MISSING)
        return _show(request, booking, form, lines, "invoicing/invoice.html")
    if lines.was_resized:
        return _show(request, booking, form, lines.after_the_press(), "invoicing/invoice.html")
    if not lines.is_valid():
        return _show(request, booking, form, lines, "invoicing/invoice.html")
    if {"send", "send_paid"} & set(request.POST):
        return _send(request, member, booking, form, lines)
    page = "invoicing/invoice.html" if "change" in request.POST else "invoicing/invoice_sure.html"
    return _show(request, booking, form, lines, page)


def _not_yet(booking: Booking, why: str) -> dict[str, Any]:
    return {"tradie": booking.tradie, "booking": booking, "why": why}


def _first_lines(booking: Booking, stands: Invoice | None) -> BaseLines:
    """Those of the invoice that is corrected, of the quote that was accepted, or what was booked."""
    lines = (
        [row.line for row in stands.lines.all()]
        if stands
        else [_quoted(line) for line in booking.terms.quote_lines]
    )
    rows = [typed_from(line) for line in lines]
    if not rows:
        fee_cents = booking.call_out_fee_cents
        price = (booking.price_cents - fee_cents) or ""
        rows = [{**BLANK, "description": booking.service_name, "unit_price_cents": price}]
        if fee_cents:
            rows.append({**BLANK, "description": "Call-out fee", "unit_price_cents": fee_cents})
    return lines_form(rows, booking.tradie.gst_registered)


def _quoted(agreed: AgreedLine) -> Line:
    return Line(agreed.description, Decimal(agreed.quantity), agreed.unit_price_cents, agreed.is_gst_free)


def _send(
    request: HttpRequest, member: Membership, booking: Booking, form: InvoiceForm, lines: BaseLines
) -> HttpResponse:
    instead_of = form.cleaned_data["instead_of"]
    corrected = get_object_or_404(Invoice, pk=instead_of, booking=booking) if instead_of else None
    by, now = By.of(member), timezone.now()
    try:
        issued = issue_invoice(
            booking, lines.lines, key=form.cleaned_data["key"], by=by, now=now, instead_of=corrected
        )
    except ValidationFailed as refusal:
        add_refusal(form, refusal)
        return _show(request, booking, form, lines, "invoicing/invoice.html")
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    close_what_asks_too_much(booking)
    notices.success(request, f"{issued.title} {issued.label} is on its way to {booking.customer_name}.")
    return redirect("receipt_add" if "send_paid" in request.POST else "booking", booking.pk)


def close_what_asks_too_much(booking: Booking) -> None:
    """Where Stripe is away, the sweep sees to it; until then at most too much is paid, and goes back."""
    try:
        settle_balances(booking, now=timezone.now())
    except PaymentProviderUnavailable:
        return


def _show(
    request: HttpRequest, booking: Booking, form: InvoiceForm, lines: BaseLines, page: str
) -> HttpResponse:
    received, tradie = received_cents(booking), booking.tradie
    context: dict[str, Any] = {
        "tradie": tradie,
        "booking": booking,
        "form": form,
        "lines": lines,
        "received_cents": received,
        "needs_abn": tradie.gst_registered and not tradie.abn,
        "gst_registered": tradie.gst_registered,
    }
    if page == "invoicing/invoice_sure.html":
        totals = lines.totals
        rows: list[Line] = lines.lines
        context |= {
            "rows": rows,
            "totals": totals,
            "left_cents": max(totals.total_cents - received, 0),
            "over_cents": max(received - totals.total_cents, 0),
        }
    return form_page(request, page, context, form, lines)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def credit(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """POST takes a part of the invoice back, by a credit note."""
    booking = own(member, booking_id)
    stands = invoice_of(booking)
    if stands is None:
        return render(request, "invoicing/not_yet.html", _not_yet(booking, NO_INVOICE))
    left = uncredited_cents(stands)
    form = CreditForm(posted(request), initial={"key": uuid4()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            note = issue_credit_note(
                stands,
                given["amount_cents"],
                reason=given["reason"],
                key=given["key"],
                by=By.of(member),
                now=timezone.now(),
            )
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            close_what_asks_too_much(booking)
            notices.success(request, f"Credit note {note.label} takes {dollars(note.total_cents)} off.")
            return redirect("booking", booking.pk)
    context = {"tradie": booking.tradie, "booking": booking, "form": form, "invoice": stands, "left": left}
    return form_page(request, "invoicing/credit.html", context, form)


@for_members(May.BOOKINGS)
@require_POST
def send_again(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """A reminder with the link to pay, once a day."""
    booking = own(member, booking_id)
    if stands := invoice_of(booking):
        remind(stands, now=timezone.now())
        notices.success(request, f"{booking.customer_name} is reminded, at most once a day.")
    return redirect("booking", booking.pk)


@for_members(May.JOBS)
@require_safe
def document(request: HttpRequest, member: Membership, booking_id: UUID, document_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    return as_file(get_object_or_404(Invoice, pk=document_id, booking=booking))


@for_members(May.JOBS)
@require_safe
def deposit_receipt(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    back = reverse("booking", args=[booking_id])
    return receipt_as_file(request, own(member, booking_id), looks="dashboard.html", back=back)
