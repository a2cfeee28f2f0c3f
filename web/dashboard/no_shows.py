"""A customer who wasn't there: what happens to the money, then the press of a button; and taking it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.models import Booking, Status
from payments import no_shows
from payments.models import PaymentKind
from payments.totals import totals_of
from peepopay.errors import AppError
from peepopay.methods import SHOW_AND_SAVE, require_POST
from peepopay.money import dollars
from web.dashboard.access import for_members
from web.dashboard.bookings import back, own
from web.dashboard.bookings_forms import NoShowForm
from web.form_pages import form_page, posted


@for_members(May.JOBS)
@SHOW_AND_SAVE
def no_show(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET shows what is kept, charged and not charged; POST marks it, and charges the figure that was shown."""
    booking, now = own(member, booking_id), timezone.now()
    form = NoShowForm(posted(request))
    if form.is_valid():
        return _mark(request, member, booking, form.cleaned_data["charge_cents"])
    is_marked = booking.status == Status.NO_SHOW
    outcome = no_shows.outcome_of(booking, totals_of(booking), now=now)
    context = {
        "tradie": member.tradie,
        "booking": booking,
        "outcome": outcome,
        "is_marked": is_marked,
        "may_charge": May.BOOKINGS in member.may,
        "refusal": _refusal(booking, outcome.charge_cents, now),
    }
    return form_page(request, "bookings/no_show.html", context, form)


def _refusal(booking: Booking, charge_cents: int, now: datetime) -> str:
    """Why nothing can be pressed here."""
    if booking.status == Status.NO_SHOW:
        return "" if charge_cents else ALREADY
    if booking.status != Status.CONFIRMED:
        return NOT_CONFIRMED
    if booking.asked_to_move_at:
        return NOT_THEIR_FAULT
    return "" if booking.starts_at <= now else no_shows.NOT_YET


ALREADY = "This is marked as a no-show already."
NOT_THEIR_FAULT = "You asked them to choose another time, so nobody can have missed this one."
NOT_CONFIRMED = "Only a booking that is confirmed can be marked as a no-show."


def _mark(request: HttpRequest, member: Membership, booking: Booking, charge_cents: int) -> HttpResponse:
    if charge_cents and May.BOOKINGS not in member.may:
        charge_cents = 0  # whoever is there says what happened; the office says what it costs
    is_marked = booking.status == Status.NO_SHOW
    act = no_shows.charge_fee if is_marked and charge_cents else no_shows.mark
    try:
        changed = act(booking, by=By.of(member), now=timezone.now(), charge_cents=charge_cents)
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    then = (
        f"We're charging {dollars(charge_cents)} to the saved card."
        if charge_cents
        else "No card was charged."
    )
    return back(request, booking, changed, f"Marked as a no-show. {then}")


@for_members(May.JOBS)
@require_POST
def undo(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """Within a day. Where a fee was asked for money may go back, which is the office's to decide."""
    booking = own(member, booking_id)
    has_fee = booking.payments.filter(kind=PaymentKind.NO_SHOW_FEE).exists()
    if has_fee and May.BOOKINGS not in member.may:
        notices.warning(request, "A no-show fee was asked for. Only the office can take this no-show back.")
        return redirect("booking", booking.pk)
    try:
        changed = no_shows.undo(booking, by=By.of(member), now=timezone.now())
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    return back(request, booking, changed, "Taken back: the booking stands as before, and no fee is kept.")
