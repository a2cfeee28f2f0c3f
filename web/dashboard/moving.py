"""Somebody of the business moves a booking: a month of free days, the times of one, then "Move from X to Y?"."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.models import Actor, Booking
from bookings.moving import move_booking, require_movable, wish_to_move
from bookings.open_slots import nearest_open, require_open_slot
from bookings.slot_inputs import LONGEST_HORIZON
from peepopay.errors import AppError, BookingNotChangeable, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, is_on_the_clock, iso, moment, zone
from peepopay.methods import SHOW_AND_SAVE
from web.customer.times import choice_of_times
from web.dashboard.access import for_members
from web.dashboard.bookings import CHANGED_MEANWHILE, back, own
from web.dashboard.bookings_forms import MoveForm

FROM_THE_LIST = "Please choose a time from the list."


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def move(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET shows the free times, or with `start` asks about that one. POST moves, if the booking is still at the time
    that was shown."""
    booking, now = own(member, booking_id), timezone.now()
    try:
        require_movable(booking, actor=Actor.TRADIE, now=now)
        if request.method == "POST":
            return _moved(request, member, booking, now)
        if "start" in request.GET:
            return _ask(request, booking, now)
    except BookingNotChangeable as refusal:
        if request.method != "POST":
            context = {"tradie": booking.tradie, "booking": booking, "refusal": refusal.message}
            return render(request, "bookings/move.html", context)
        notices.warning(request, refusal.message)
        return redirect("booking", booking.pk)
    except AppError as refusal:
        return _choose(request, booking, now, refusal)
    return _choose(request, booking, now)


def _moved(request: HttpRequest, member: Membership, booking: Booking, now: datetime) -> HttpResponse:
    form = MoveForm(request.POST, booking=booking)
    if not form.is_valid():
        raise ValidationFailed(FROM_THE_LIST)
    given = form.cleaned_data
    if given["from_start"] != booking.starts_at != given["start"]:
        raise BookingNotChangeable(CHANGED_MEANWHILE)
    moved = move_booking(booking, given["start"], by=By.of(member), now=now, tell=given["tell"])
    told = f" We're telling {booking.customer_name}." if given["tell"] else ""
    return back(request, booking, True, f"Moved to {moment(moved.starts_at, booking.tradie.timezone)}.{told}")


def _ask(request: HttpRequest, booking: Booking, now: datetime) -> HttpResponse:
    """Raises SlotUnavailable, ValidationFailed: at a time that can't be had there is nothing to ask."""
    starts = _wanted(request, booking)
    if starts is None:
        raise ValidationFailed(FROM_THE_LIST)
    slot, zone_name = require_open_slot(wish_to_move(booking, starts), now), booking.tradie.timezone
    first = {"start": iso(starts, zone_name), "from_start": iso(booking.starts_at, zone_name)}
    other = None if slot.calendar_id == booking.calendar_id else slot.calendar_id
    context = {
        "tradie": booking.tradie,
        "booking": booking,
        "form": MoveForm(initial=first, booking=booking),
        "starts": starts,
        "ends": slot.ends,
        "day": in_zone(starts, zone_name).date().isoformat(),
        "other_person": booking.tradie.calendars.get(pk=other) if other else None,
    }
    return render(request, "bookings/move_to.html", context)


def _wanted(request: HttpRequest, booking: Booking) -> datetime | None:
    """An instant, as lists of times have it, or a clock time of the business, as its calendar has: of two equal ones
    the earlier. None: it is neither."""
    text, zone_name = request.GET.get("start", ""), booking.tradie.timezone
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or found.tzinfo:
        return found
    local = found.replace(tzinfo=zone(zone_name))
    return local if is_on_the_clock(found.date(), found.time(), zone_name) else None


def _choose(
    request: HttpRequest, booking: Booking, now: datetime, refusal: AppError | None = None
) -> HttpResponse:
    """The month that is asked for, or the booking's own, or else the first with a free time; above it why not, and the
    nearest free times instead."""
    wish, wanted = wish_to_move(booking, booking.starts_at), _wanted(request, booking)
    nearest = refusal.alternatives if isinstance(refusal, SlotUnavailable) else ()
    if refusal and not nearest and wanted and now < wanted < now + LONGEST_HORIZON:
        nearest = nearest_open(wish_to_move(booking, wanted), now)
    context: dict[str, Any] = {
        "tradie": booking.tradie,
        "booking": booking,
        "refusal": refusal.message if refusal else "",
        "nearest": nearest,
        **choice_of_times(request.GET, wish, now, near=booking.starts_at, but=booking.starts_at),
    }
    return render(request, "bookings/move.html", context, status=refusal.status if refusal else 200)
