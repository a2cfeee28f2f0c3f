"""The customer moves their booking: a month of free days, the times of one, then "Move from X to Y?" with a button."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bookings.actors import CUSTOMER
from bookings.models import Actor, Booking
from bookings.moving import move_booking, require_movable, take_held, wish_to_move
from bookings.open_slots import require_open_slot
from payments.outcomes import statement_of
from payments.totals import totals_of
from peepopay.errors import AppError, BookingNotChangeable, CallInstead, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, iso
from peepopay.methods import SHOW_AND_SAVE
from web.customer.access import back_to_booking, for_the_customer
from web.customer.forms import CustomerMoveForm, TakeForm
from web.customer.times import choice_of_times, instant_in

FROM_THE_LIST = "Please choose a time from the list."
CHANGED = "Your booking was moved after you opened that page. This is how it stands now."


@for_the_customer
@SHOW_AND_SAVE
def move(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """GET shows the free times, or with `start` what moving there would mean. POST moves, if the booking is still at
    the time that was shown."""
    now = timezone.now()
    if request.method == "POST":
        return _answer(request, booking, token, now)
    if "start" not in request.GET:
        return render(request, "bookings/manage_move.html", _choice(request, booking, token, now))
    try:
        require_movable(booking, actor=Actor.CUSTOMER, now=now)
        return _ask(request, booking, token, now)
    except AppError as refusal:
        return _refused(request, booking, token, refusal, now)


def take(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Pressed on the page of the booking: one of the times that are kept, instead of the one that can't be made."""
    now, form = timezone.now(), TakeForm(request.POST)
    if not form.is_valid():
        return _refused(request, booking, token, ValidationFailed(FROM_THE_LIST), now)
    try:
        take_held(booking, form.cleaned_data["held"], now=now)
    except BookingNotChangeable as refusal:
        booking.refresh_from_db()
        return _refused(request, booking, token, refusal, now)
    return back_to_booking(token, said="moved")


def _ask(request: HttpRequest, booking: Booking, token: str, now: datetime) -> HttpResponse:
    """Raises SlotUnavailable, ValidationFailed: at a time that can't be had there is nothing to ask."""
    starts = instant_in(request.GET["start"])
    if starts is None:
        raise ValidationFailed(FROM_THE_LIST)
    slot = require_open_slot(wish_to_move(booking, starts), now)
    zone, totals = booking.tradie.timezone, totals_of(booking)
    form = CustomerMoveForm(initial={"start": iso(starts, zone), "from_start": iso(booking.starts_at, zone)})
    context = {
        "booking": booking,
        "tradie": booking.tradie,
        "token": token,
        "form": form,
        "starts": starts,
        "ends": slot.ends,
        "day": in_zone(starts, zone).date().isoformat(),
        "totals": totals,
        "statement": statement_of(booking, totals, now=now, starts_at=starts),
        "other_person": None
        if slot.calendar_id == booking.calendar_id
        else booking.tradie.calendars.get(pk=slot.calendar_id),
    }
    return render(request, "bookings/manage_move_to.html", context)


def _answer(request: HttpRequest, booking: Booking, token: str, now: datetime) -> HttpResponse:
    form = CustomerMoveForm(request.POST)
    if not form.is_valid():
        return _refused(request, booking, token, ValidationFailed(FROM_THE_LIST), now)
    starts, shown = form.cleaned_data["start"], form.cleaned_data["from_start"]
    if shown != booking.starts_at != starts:
        return _refused(request, booking, token, BookingNotChangeable(CHANGED), now)
    try:
        move_booking(booking, starts, by=CUSTOMER, now=now)
    except (BookingNotChangeable, SlotUnavailable, ValidationFailed, CallInstead) as refusal:
        booking.refresh_from_db()
        return _refused(request, booking, token, refusal, now)
    return back_to_booking(token, said="moved")


def _refused(
    request: HttpRequest, booking: Booking, token: str, refusal: AppError, now: datetime
) -> HttpResponse:
    """Why not, and what to do instead: the nearest free times, or all of them, or a call."""
    context = {
        **_choice(request, booking, token, now),
        "refusal": refusal.message,
        "nearest": refusal.alternatives if isinstance(refusal, SlotUnavailable) else (),
    }
    return render(request, "bookings/manage_move.html", context, status=refusal.status)


def _choice(request: HttpRequest, booking: Booking, token: str, now: datetime) -> dict[str, Any]:
    """The month that is asked for, or the booking's own, or else the first with a free time."""
    context: dict[str, Any] = {"booking": booking, "tradie": booking.tradie, "token": token}
    try:
        require_movable(booking, actor=Actor.CUSTOMER, now=now)
    except BookingNotChangeable as refusal:
        return {**context, "refusal": refusal.message}
    wish = wish_to_move(booking, booking.starts_at)
    times = choice_of_times(request.GET, wish, now, near=booking.starts_at, but=booking.starts_at)
    return {**context, **times}
