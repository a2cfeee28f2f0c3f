"""Money back by hand: how much, then the figure once more, then it goes; and what became of refunds that didn't."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.models import Booking
from invoicing.crediting import credit_refunds
from payments.models import Refund
from payments.refunds_by_hand import note_sent, refund_again, refund_by_hand
from payments.totals import totals_of
from peepopay.errors import AppError, ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST
from peepopay.money import dollars
from web.dashboard.access import for_members
from web.dashboard.bookings import back, own
from web.dashboard.bookings_forms import RefundForm
from web.form_pages import form_page, posted


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def refund(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET asks how much; the first POST shows the figure, the second (`send`) refunds."""
    booking = own(member, booking_id)
    totals = totals_of(booking)
    form = RefundForm(posted(request), initial={"key": uuid4(), "amount_cents": totals.left_cents})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if "send" in request.POST:
            return _send(request, member, booking, form)
        if "change" not in request.POST:
            if given["amount_cents"] <= totals.left_cents:
                return _show(request, booking, form, "bookings/refund_sure.html")
            form.add_error("amount_cents", f"Only {dollars(totals.left_cents)} is left to give back.")
    return _show(request, booking, form, "bookings/refund.html")


def _send(request: HttpRequest, member: Membership, booking: Booking, form: RefundForm) -> HttpResponse:
    given = form.cleaned_data
    cents, note, key = given["amount_cents"], given["note"], given["key"]
    try:
        refund_by_hand(booking, cents, note=note, key=key, by=By.of(member), now=timezone.now())
    except ValidationFailed as refusal:
        add_refusal(form, refusal)
        return _show(request, booking, form, "bookings/refund.html")
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    credit_refunds(booking, now=timezone.now())  # else the sweep does: it takes nothing twice
    return back(request, booking, True, f"{dollars(cents)} is on its way back to {booking.customer_name}.")


def _show(request: HttpRequest, booking: Booking, form: RefundForm, page: str) -> HttpResponse:
    context: dict[str, Any] = {
        "tradie": booking.tradie,
        "booking": booking,
        "form": form,
        "totals": totals_of(booking),
    }
    return form_page(request, page, context, form)


@for_members(May.BOOKINGS)
@require_POST
def again(request: HttpRequest, member: Membership, booking_id: UUID, refund_id: UUID) -> HttpResponse:
    """One that failed, or was given up, once more."""
    booking = own(member, booking_id)
    failed = _refund_of(booking, refund_id)
    try:
        refund_again(failed, by=By.of(member), now=timezone.now())
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    amount = dollars(failed.amount_cents)
    return back(request, booking, True, f"{amount} is on its way back to {booking.customer_name} again.")


@for_members(May.BOOKINGS)
@require_POST
def sent(request: HttpRequest, member: Membership, booking_id: UUID, refund_id: UUID) -> HttpResponse:
    """They sent one themselves that we can't reach."""
    booking = own(member, booking_id)
    refund = _refund_of(booking, refund_id)
    done = note_sent(refund, by=By.of(member), now=timezone.now())
    said = f"Written down: {dollars(refund.amount_cents)} went back to {booking.customer_name}."
    return back(request, booking, done, said)


def _refund_of(booking: Booking, refund_id: UUID) -> Refund:
    rows = Refund.objects.select_related("payment")
    return get_object_or_404(rows, pk=refund_id, payment__booking=booking)
