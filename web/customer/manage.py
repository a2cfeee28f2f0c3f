"""The customer's page: whoever has the link from the mail may look; changing takes a press of a button."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bookings import proofs
from bookings.acknowledgement import acknowledge
from bookings.actors import CUSTOMER
from bookings.calendar_file import calendar_file
from bookings.day_move_models import OPEN
from bookings.held_times import held_for
from bookings.models import HOLDS_TIME, Actor, Booking, Status
from bookings.moving import require_movable
from bookings.on_site import may_change
from bookings.reminder_links import reminders_url
from bookings.series_visits import next_visits
from invoicing.invoices import invoice_of
from invoicing.thread import thread_of
from payments import checkout
from payments.balances import DUE_WHILE
from payments.bills import standing_of
from payments.cancellations import cancel_booking, may_cancel
from payments.card_consents import chargeable
from payments.outcomes import outcome_of, statement_of
from payments.paying import bill_of
from payments.paying_balances import may_pay_by_card, settle_balances
from payments.totals import Totals, totals_of
from peepopay.errors import BookingNotChangeable, PaymentProviderUnavailable
from peepopay.methods import SHOW_AND_SAVE, require_safe
from web.customer.access import SAID, back_to_booking, for_the_customer
from web.customer.forms import CustomerCancelForm
from web.customer.moving import take
from web.customer.next_steps import what_next
from web.form_pages import form_page, posted
from web.photos import in_page


@for_the_customer
@SHOW_AND_SAVE
def manage(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """POST says "yes, it's mine", which says nothing without the proof of a message, has Stripe asked whether it is
    paid, or takes a time that is kept for them."""
    if "held" in request.POST:
        return take(request, booking, token)
    if "paid" in request.POST:
        return _look(booking, token)
    if request.method == "POST":
        acknowledge(booking, proofs.split(token)[1], now=timezone.now())
        return redirect("manage", token)
    said = SAID.get(request.GET.get("done", ""), "")
    context = {**_context(booking, token), **what_next(booking, now=timezone.now()), "said": said}
    context |= in_page(booking, CUSTOMER)
    return render(request, "bookings/manage.html", context)


def _look(booking: Booking, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        checkout.ask_stripe(booking, now=now)
        settle_balances(booking, now=now)
    except PaymentProviderUnavailable:
        return back_to_booking(token, said="away")
    return back_to_booking(token, said="looked")


def _context(booking: Booking, token: str) -> dict[str, Any]:
    now, totals = timezone.now(), totals_of(booking)
    outcome = outcome_of(booking, totals, actor=Actor.CUSTOMER, now=now)
    return {
        "booking": booking,
        "tradie": booking.tradie,
        "token": token,
        "totals": totals,
        "quote_lines": [line.written for line in booking.terms.quote_lines],
        "statement": statement_of(booking, totals, now=now),
        "outcome": outcome,
        "refund_cents": outcome.refund_cents,
        "kept_cents": totals.left_cents,
        "may_cancel": may_cancel(booking, now=now),
        "bill": bill_of(booking, now=now),
        "card_cap_cents": _card_cap(booking, now),
        "is_on": booking.status in HOLDS_TIME,
        "may_move": _may_move(booking, now),
        "may_say_who_is_home": may_change(booking, now),
        "reminders_url": reminders_url(booking),
        **_asked_to_move(booking, now),
        **_bill(booking, totals),
        "may_acknowledge": _may_acknowledge(booking, token),
        "next_visits": next_visits(booking, now),
    }


def _card_cap(booking: Booking, now: datetime) -> int:
    """What their saved card may be charged for a no-show at most."""
    if not booking.terms.policy.no_show_fee_cents or booking.status not in HOLDS_TIME:
        return 0
    consent = chargeable(booking, now)
    return consent.cap_cents if consent else 0


def _bill(booking: Booking, totals: Totals) -> dict[str, Any]:
    """What was invoiced, what is left of it, and all documents and money in the order in which they came."""
    standing = standing_of(booking, totals)
    left_cents = standing.left_cents if standing and booking.status in DUE_WHILE else 0
    thread = thread_of(booking)
    elsewhere = [entry.cents for entry in thread if entry.receipt and not entry.receipt.undone_at]
    return {
        "standing": standing,
        "left_cents": left_cents,
        "may_pay_by_card": may_pay_by_card(booking.tradie, left_cents),
        "invoice": invoice_of(booking) if standing else None,
        "thread": thread,
        "elsewhere_cents": sum(elsewhere),
        "waits_for_business": any(entry.refund and entry.refund.is_out_of_reach for entry in thread),
    }


def _may_move(booking: Booking, now: datetime) -> bool:
    with suppress(BookingNotChangeable):
        require_movable(booking, actor=Actor.CUSTOMER, now=now)
        return True
    return False


def _asked_to_move(booking: Booking, now: datetime) -> dict[str, Any]:
    """Where the business can't make the time: the times that are kept, and why, in its words."""
    if booking.asked_to_move_at is None or booking.status != Status.CONFIRMED:
        return {"is_asked": False}
    asked = booking.day_move_jobs.filter(answer__in=OPEN).select_related("move").first()
    return {
        "is_asked": True,
        "kept_times": list(held_for(booking, now)),
        "move_reason": asked.move.reason if asked else "",
    }


def _may_acknowledge(booking: Booking, token: str) -> bool:
    """A deposit says as much."""
    proof = proofs.split(token)[1]
    waits = booking.acknowledged_at is None and not booking.deposit_cents and booking.status in HOLDS_TIME
    return waits and proofs.proven(booking, proof) is not None


@for_the_customer
@SHOW_AND_SAVE
def cancel(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """GET shows the exact refund. POST cancels, if the figure that was shown is still the right one."""
    context = _context(booking, token)
    if not context["may_cancel"]:
        return redirect("manage", token)
    form = CustomerCancelForm(posted(request), initial={"refund_cents": context["refund_cents"]})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["refund_cents"] == context["refund_cents"]:
            return _cancelled(booking, token, form.cleaned_data["reason"])
        reason = form.cleaned_data["reason"]
        form = CustomerCancelForm(initial={"refund_cents": context["refund_cents"], "reason": reason})
        context["figure_changed"] = True
    changed = "figure_changed" in context
    return form_page(request, "bookings/manage_cancel.html", {**context, "form": form}, form, refused=changed)


def _cancelled(booking: Booking, token: str, reason: str) -> HttpResponse:
    # If it was changed a moment ago, the page this goes back to says how it stands.
    with suppress(BookingNotChangeable):
        cancel_booking(booking, by=CUSTOMER, now=timezone.now(), reason=reason)
    return redirect("manage", token)


@for_the_customer
@require_safe
def calendar(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """An ICS file; the same entry again after a move or a cancellation."""
    response = HttpResponse(calendar_file(booking), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{booking.reference}.ics"'
    return response
