"""Who waits for a time: the list, its switch, "free Friday: offer it to whom?", and taking somebody off."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from availability.catalogue import change_business
from bookings.actors import By
from bookings.models import HELD, Waiter
from bookings.open_slots import require_open_slot
from bookings.waitlist import could_take, waiting, wanted
from bookings.waitlist_offers import offer_by_hand, turn_of, wish_of
from payments.waiting import remove as remove_waiter
from peepopay.errors import AppError, SlotUnavailable, ValidationFailed
from peepopay.forms import WholeForm
from peepopay.local_time import iso, moment
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.customer.times import choice_of_times, date_in, instant_in
from web.dashboard.access import for_members

FROM_THE_LIST = "Please choose a time from the list."


class OfferForm(WholeForm):
    """`start` by the page that asked, with its offset from UTC."""

    start = forms.DateTimeField(widget=forms.HiddenInput)


@for_members(May.BOOKINGS)
@require_safe
def waitlist(request: HttpRequest, member: Membership) -> HttpResponse:
    """In the order in which they are offered a time. `?day=`: those whom that day suits come first, and are offered its
    times."""
    day = date_in(request.GET.get("day", ""))
    rows = [_row(waiter, day) for waiter in waiting(member.tradie)]
    context = {
        "tradie": member.tradie,
        "day": day,
        "rows": sorted(rows, key=lambda row: (not row["suits"], *turn_of(row["waiter"]))),
        "now": timezone.now(),
    }
    return render(request, "bookings/waitlist.html", context)


def _row(waiter: Waiter, day: date | None) -> dict[str, Any]:
    held = waiter.offer if waiter.offer and waiter.offer.status in HELD else None
    suits = day is None or could_take(waiter, day)
    return {"waiter": waiter, "wanted": wanted(waiter), "held": held, "suits": suits}


@for_members(May.HOURS)
@require_POST
def switch(request: HttpRequest, member: Membership) -> HttpResponse:
    """`on`: 1 or 0. Off, nobody new can wait and nobody is offered anything; who waits stays."""
    tradie, wanted_on = member.tradie, request.POST.get("on")
    if wanted_on not in ("0", "1"):
        return redirect("waitlist")
    tradie.has_waitlist = wanted_on == "1"
    change_business(tradie, ["has_waitlist"])
    said = "Customers can join your waitlist now." if tradie.has_waitlist else "The waitlist is off."
    notices.success(request, said)
    return redirect("waitlist")


def _own(member: Membership, waiter_id: UUID) -> Waiter:
    found: Waiter = get_object_or_404(waiting(member.tradie).select_related("tradie"), pk=waiter_id)
    return found


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def offer(request: HttpRequest, member: Membership, waiter_id: UUID) -> HttpResponse:
    """GET shows the free times, or with `start` asks about that one. POST holds it for them and tells them."""
    waiter, now = _own(member, waiter_id), timezone.now()
    waiter.tradie = waiter.service.tradie = member.tradie
    try:
        if request.method == "POST":
            return _offered(request, member, waiter, now)
        if "start" in request.GET:
            return _ask(request, waiter, now)
    except AppError as refusal:
        return _choose(request, waiter, now, refusal)
    return _choose(request, waiter, now)


def _offered(request: HttpRequest, member: Membership, waiter: Waiter, now: datetime) -> HttpResponse:
    form = OfferForm(request.POST)
    if not form.is_valid():
        raise ValidationFailed(FROM_THE_LIST)
    held = offer_by_hand(waiter, form.cleaned_data["start"], by=By.of(member), now=now)
    zone, until = member.tradie.timezone, held.held_until or now
    notices.success(
        request,
        f"{moment(held.starts_at, zone)} is kept for {waiter.name} until {moment(until, zone)}. We're telling them.",
    )
    return redirect("waitlist")


def _ask(request: HttpRequest, waiter: Waiter, now: datetime) -> HttpResponse:
    """Raises SlotUnavailable, ValidationFailed: at a time that can't be had there is nothing to ask."""
    starts = instant_in(request.GET["start"])
    if starts is None:
        raise ValidationFailed(FROM_THE_LIST)
    slot = require_open_slot(wish_of(waiter, starts), now)
    form = OfferForm(initial={"start": iso(starts, waiter.tradie.timezone)})
    context = {"tradie": waiter.tradie, "waiter": waiter, "form": form, "starts": starts, "ends": slot.ends}
    return render(request, "bookings/waitlist_offer_to.html", context)


def _choose(
    request: HttpRequest, waiter: Waiter, now: datetime, refusal: AppError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "tradie": waiter.tradie,
        "waiter": waiter,
        "wanted": wanted(waiter),
        "refusal": refusal.message if refusal else "",
        "nearest": refusal.alternatives if isinstance(refusal, SlotUnavailable) else (),
        **choice_of_times(request.GET, wish_of(waiter, now), now, near=now),
    }
    status = refusal.status if refusal else 200
    return render(request, "bookings/waitlist_offer.html", context, status=status)


@for_members(May.BOOKINGS)
@require_POST
def remove(request: HttpRequest, member: Membership, waiter_id: UUID) -> HttpResponse:
    waiter = _own(member, waiter_id)
    try:
        remove_waiter(waiter, now=timezone.now())
        notices.success(request, f"{waiter.name} is off the list. They aren't told.")
    except AppError as refusal:
        notices.warning(request, refusal.message)
    return redirect("waitlist")
