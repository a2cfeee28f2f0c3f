"""Buttons of Today and its jobs that were pressed in the van: sent by a script (`static/js/van.js`), at once or when
there is reception again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import job_lists, lifecycle, on_my_way
from bookings.actors import By
from bookings.expected import was_told_on_my_way
from bookings.models import Booking, Status
from bookings.remarks import change_notes
from peepopay.forms import PART_MISSING
from peepopay.local_time import clock
from peepopay.methods import require_POST
from web.dashboard.access import for_members
from web.dashboard.bookings_forms import NotesForm
from web.dashboard.on_my_way import behind
from web.dashboard.once import made_once

STILL_TRUE = timedelta(minutes=15)  # who set out longer ago is there by now
A_YEAR = 365 * 24 * 60 * 60  # seconds; a phone's clock may say anything
Said = tuple[bool, str]  # whether it was done, and what they read


class PressForm(NotesForm):
    """`waited`: seconds since the button was pressed, by the phone's own clock. `was`: the notes that it showed."""

    what = forms.ChoiceField(choices=[(what, what) for what in ("on-my-way", "done", "notes")])
    booking = forms.UUIDField()
    waited = forms.IntegerField(min_value=0)
    was = forms.CharField(required=False, strip=False)


@for_members(May.JOBS)
@require_POST
def press(request: HttpRequest, member: Membership) -> HttpResponseBase:
    """The script gets a 204 once it is dealt with, whatever came of it, and forgets the press; the next page says what
    that was. What is no press gets a 400, notes on a job that isn't theirs any more a 404, and the script sets it
    aside with what was written. Anything else, being led to sign-in too: it keeps the press."""
    is_script = request.headers.get("Accept") == "application/json"
    if is_script:
        form = PressForm(request.POST)
        if not form.is_valid():
            return HttpResponse(status=400)
        if form.cleaned_data["what"] == "notes" and _job(member, form.cleaned_data["booking"]) is None:
            return HttpResponse(status=404)
    answer = _dealt_with(request, member)
    return HttpResponse(status=204) if is_script else answer


def _job(member: Membership, booking_id: UUID) -> Booking | None:
    return job_lists.whole_jobs(member).filter(pk=booking_id).first()


@made_once
def _dealt_with(request: HttpRequest, member: Membership) -> HttpResponse:
    form, now = PressForm(request.POST), timezone.now()
    if not form.is_valid():
        notices.error(request, PART_MISSING)
        return redirect("dashboard_today")
    sent = form.cleaned_data
    booking = _job(member, sent["booking"])
    if booking is None:
        notices.warning(
            request, "A job that you pressed a button of isn't yours any more. Nothing was changed."
        )
        return redirect("dashboard_today")
    by, name = By.of(member), booking.customer_name
    pressed_at = now - timedelta(seconds=min(sent["waited"], A_YEAR))
    if sent["what"] == "on-my-way":
        is_done, said = _set_out(booking, by, pressed_at, now)
    elif sent["what"] == "done":
        is_done, said = _done(booking, by, now)
    else:
        is_done, said = _noted(booking, sent["tradie_notes"], sent["was"], by, now)
    (notices.success if is_done else notices.warning)(request, said.format(name=name))
    return redirect("dashboard_today")


def _set_out(booking: Booking, by: By, pressed_at: datetime, now: datetime) -> Said:
    if now - pressed_at > STILL_TRUE:
        at = clock(pressed_at, booking.tradie.timezone)
        return (
            False,
            f"You set out to {{name}} at {at}, without reception. That is too long ago to tell them now.",
        )
    if told := on_my_way.set_out(booking, by=by, now=now):
        return True, "We're telling {name} that you're on your way." + behind(told - 1)
    if was_told_on_my_way(booking):
        return True, "{name} knows that you're on your way."
    return False, f"We didn't tell {{name}} that you're on your way: {_how_it_stands(booking)}"


def _done(booking: Booking, by: By, now: datetime) -> Said:
    if lifecycle.mark_completed(booking, by=by, now=now) or booking.status == Status.COMPLETED:
        return True, "Marked done: {name}."
    return False, f"The job of {{name}} wasn't marked done: {_how_it_stands(booking)}"


def _noted(booking: Booking, text: str, was: str, by: By, now: datetime) -> Said:
    """Nobody's words are lost: what was written meanwhile stays, and this comes below."""
    there = booking.tradie_notes
    if _words(there) in (_words(was), _words(text)) or not there:
        change_notes(booking, text, by=by, now=now)
        return True, "Notes on {name} saved. Only people of your business can read them."
    both = NotesForm({"tradie_notes": f"{there}\n{text}"})
    if not both.is_valid():
        return False, "The notes on {name} were changed meanwhile and are full. Yours weren't added."
    change_notes(booking, both.cleaned_data["tradie_notes"], by=by, now=now)
    return False, "The notes on {name} were changed meanwhile. Yours stand below them."


def _words(text: str) -> list[str]:
    """Browsers and forms write line ends in their own ways."""
    return text.split()


def _how_it_stands(booking: Booking) -> str:
    booking.refresh_from_db(fields=["status"])
    if booking.status == Status.CONFIRMED:
        return "it has moved, or isn't now."
    return f"it is {booking.get_status_display().lower()} by now."
