"""New booking: for a customer who rang, or stands there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Service
from accounts.roles import May
from bookings import job_lists
from bookings.actors import By
from bookings.details import Attempt
from bookings.models import Booking, Status
from bookings.open_slots import Wish, open_times
from bookings.scheduling import find_attempt
from bookings.series_rule import Every
from bookings.terms import terms_of
from invoicing import jobs_by_hand
from peepopay.errors import AppError, ValidationFailed
from peepopay.ids import id_in
from peepopay.local_time import in_zone, moment
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.hours_forms import StartForm
from web.dashboard.known_customers import customer_of, customers_like
from web.dashboard.new_booking_forms import NewBookingForm, new_booking
from web.form_pages import form_page

LOOKED_AHEAD = timedelta(days=21)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    """`from`: a booking of a customer who is known; `q`: looks for one; `day`: the day to begin with; `start`: that and
    the time, `calendar`: whose, as they were pressed in the calendar. POST with `look`
    shows the free times of the day and saves nothing."""
    crew, now = job_lists.crew_of(member), timezone.now()
    if request.method == "POST":
        if made := _made_before(request, member):
            return redirect("booking", made.pk)
        form = NewBookingForm(request.POST, tradie=member.tradie, crew=crew)
        times, day = _free_times(form, now)
        form.offer(times)
        if "look" in request.POST:
            typed = {name: form[name].value() for name in form.fields}
            form = NewBookingForm(initial=typed, tradie=member.tradie, crew=crew)
            form.offer(times)
        elif form.is_valid() and (made := _take(request, member, form, now)):
            return _then(made, form.cleaned_data["every"])
        return _page(request, member, form, times, day)
    known = customer_of(member, request.GET.get("from", ""))
    service = _likely(member, known)
    pressed = StartForm(request.GET).wanted()
    first_day = pressed.day if pressed else _first_day(request, member, service, now)
    initial = new_booking(member.tradie, service, first_day, known)
    initial["calendar"] = request.GET.get("calendar", "")
    form = NewBookingForm(initial=initial, tradie=member.tradie, crew=crew)
    times, day = _free_times(form, now)
    form.offer(times)
    if pressed and pressed.at:
        form.begin_at(pressed.at)
    text = request.GET.get("q", "")[:80].strip()
    found = customers_like(member, text) if text else []
    return _page(request, member, form, times, day, text=text, found=found, known=known)


def _then(booking: Booking, every: str) -> HttpResponse:
    """To the booking, or to the dates of the next ones."""
    if every in Every.values:
        return redirect(f"{reverse('booking_repeat', args=[booking.pk])}?{urlencode({'every': every})}")
    return redirect("booking", booking.pk)


def _made_before(request: HttpRequest, member: Membership) -> Booking | None:
    """By the first press of the same button."""
    key = id_in(request.POST.get("key", ""))
    return find_attempt(member.tradie, Attempt(key)) if key else None


def _take(request: HttpRequest, member: Membership, form: NewBookingForm, now: datetime) -> Booking | None:
    """None: refused, as the form says."""
    try:
        booking = jobs_by_hand.take(form.job(By.of(member)), now=now)
    except ValidationFailed as refusal:
        form.add_refusal(refusal)
        return None
    except AppError as refusal:
        form.add_refusal(ValidationFailed(fields={"start": [refusal.message]}))
        return None
    when = moment(booking.starts_at, member.tradie.timezone)
    if booking.status == Status.PENDING and booking.held_until:
        until = moment(booking.held_until, member.tradie.timezone)
        said = f"Kept for {booking.customer_name}: {when}. It's booked once the deposit is paid, by {until}."
    else:
        said = f"Booked: {booking.customer_name}, {when}."
    notices.success(request, said)
    return booking


def _free_times(form: NewBookingForm, now: datetime) -> tuple[list[datetime], date | None]:
    """Of the day, service and person that the form is about. One query."""
    service, day, calendar_id = form.looked_at()
    if service is None or day is None:
        return [], day
    wish = Wish(service.tradie, service.pk, terms_of(service).job, now, calendar_id=calendar_id)
    return open_times(wish, day, day, now), day


def _likely(member: Membership, known: Booking | None) -> Service | None:
    """What they had last, if it is still on offer; else the first."""
    services = member.tradie.services.filter(is_active=True)
    again = services.filter(pk=known.service_id).first() if known else None
    service = again or services.first()
    if service:
        service.tradie = member.tradie
    return service


def _first_day(request: HttpRequest, member: Membership, service: Service | None, now: datetime) -> date:
    """The day that the address asks for, else the first with a free time."""
    today = in_zone(now, member.tradie.timezone).date()
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        pass
    if service is None:
        return today
    wish = Wish(member.tradie, service.pk, terms_of(service).job, now)
    times = open_times(wish, today, today + LOOKED_AHEAD, now)
    return in_zone(times[0], member.tradie.timezone).date() if times else today


def _page(
    request: HttpRequest,
    member: Membership,
    form: NewBookingForm,
    times: list[datetime],
    day: date | None,
    **more: Any,
) -> HttpResponse:
    service, _, _ = form.looked_at()
    context = {
        "tradie": member.tradie,
        "form": form,
        "times": times,
        "day": day,
        "deposit_cents": service.deposit_cents if service else 0,
        **more,
    }
    return form_page(request, "bookings/new_booking.html", context, form)
