"""Money that came without us, written down and undone; and where a business likes to be paid by bank."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from invoicing.invoice_models import How
from invoicing.models import PayTo, Receipt
from invoicing.paying_to import change_pay_to
from invoicing.receipts import (
    NOT_INVOICED,
    record_cash,
    record_given_back,
    to_hand_back_cents,
    undo_receipt,
)
from payments.bills import standing_of
from peepopay.errors import AppError, ValidationFailed
from peepopay.forms import add_refusal
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST
from peepopay.money import dollars
from web.dashboard.access import for_members, with_password_again
from web.dashboard.bookings import own
from web.dashboard.invoicing import close_what_asks_too_much
from web.dashboard.invoicing_forms import GiveBackForm, PayToForm, ReceiptForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def add(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """POST writes down what was paid in cash, by transfer or at the business's own terminal."""
    booking = own(member, booking_id)
    bill = standing_of(booking)
    if bill is None or not (bill.left_cents or request.method == "POST"):
        why = NOT_INVOICED if bill is None else "Nothing is left to pay."
        return render(
            request, "invoicing/not_yet.html", {"tradie": booking.tradie, "booking": booking, "why": why}
        )
    today = in_zone(timezone.now(), booking.tradie.timezone).date()
    first = {"key": uuid4(), "amount_cents": bill.left_cents, "how": How.CASH, "received_on": today}
    form = ReceiptForm(posted(request), initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            receipt = record_cash(
                booking,
                given["amount_cents"],
                how=How(given["how"]),
                received_on=given["received_on"],
                key=given["key"],
                by=By.of(member),
                now=timezone.now(),
            )
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        except AppError as refusal:
            notices.warning(request, refusal.message)
            return redirect("booking", booking.pk)
        else:
            close_what_asks_too_much(booking)
            notices.success(request, f"{dollars(receipt.amount_cents)} is written down as paid.")
            return redirect("booking", booking.pk)
    context = {"tradie": booking.tradie, "booking": booking, "form": form, "bill": bill}
    return form_page(request, "invoicing/receipt.html", context, form)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def give_back(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """POST writes down what was handed back of what was paid too much without us."""
    booking, now = own(member, booking_id), timezone.now()
    over_cents = to_hand_back_cents(standing_of(booking))
    context: dict[str, Any] = {"tradie": booking.tradie, "booking": booking, "over_cents": over_cents}
    if not (over_cents or request.method == "POST"):
        return render(request, "invoicing/not_yet.html", context | {"why": "Nothing is to be handed back."})
    today = in_zone(now, booking.tradie.timezone).date()
    first = {"key": uuid4(), "amount_cents": over_cents, "how": How.CASH, "received_on": today}
    form = GiveBackForm(posted(request), initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        how, day = How(given["how"]), given["received_on"]
        try:
            receipt = record_given_back(
                booking,
                given["amount_cents"],
                how=how,
                given_on=day,
                key=given["key"],
                by=By.of(member),
                now=now,
            )
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            notices.success(request, f"{dollars(receipt.amount_cents)} is written down as handed back.")
            return redirect("booking", booking.pk)
    context["form"] = form
    return form_page(request, "invoicing/give_back.html", context, form)


@for_members(May.BOOKINGS)
@require_POST
def undo(request: HttpRequest, member: Membership, booking_id: UUID, receipt_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    receipt = get_object_or_404(Receipt, pk=receipt_id, booking=booking)
    try:
        was_undone = undo_receipt(receipt, by=By.of(member), now=timezone.now())
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    if was_undone:
        now_it = "counts as paid again" if receipt.is_given_back else "is left to pay again"
        notices.success(request, f"{dollars(receipt.amount_cents)} {now_it}.")
    return redirect("booking", booking.pk)


@for_members(May.BUSINESS)
@with_password_again
@SHOW_AND_SAVE
@one_at_a_time
def pay_to(request: HttpRequest, member: Membership) -> HttpResponse:
    """Whoever could change it unseen would be paid in the business's place: so the password is asked for."""
    tradie = member.tradie
    row = PayTo.objects.filter(tradie=tradie).first() or PayTo(tradie=tradie)
    form = PayToForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        change_pay_to(form.instance)
        notices.success(request, "Saved. Invoices from now on show it.")
        return redirect("pay_to")
    return form_page(request, "invoicing/pay_to.html", {"tradie": tradie, "form": form}, form)
