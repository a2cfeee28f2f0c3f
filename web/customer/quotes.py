"""The page of a quote: what it comes to and on which terms; accepting it with a time, or saying no.

Looking changes nothing: whoever opens the link may read, and every answer is a button.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bookings.booking_again import widget_link
from bookings.details import Attempt
from bookings.models import HELD, Booking
from bookings.open_slots import require_open_slot
from bookings.policy import in_short
from bookings.tokens import token_of
from invoicing.quote_acceptance import accept, let_go, why_closed, wish_of
from invoicing.quote_models import Quote
from invoicing.quote_states import job_of, state_of
from invoicing.quote_terms import last_day_of
from invoicing.quotes import decline as decline_quote
from peepopay.client_address import address_hash
from peepopay.errors import AppError, BookingNotChangeable, RateLimited, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone, iso
from peepopay.methods import SHOW_AND_SAVE, require_safe
from peepopay.throttling import BookingAttempts
from web.customer.access import for_the_quoted
from web.customer.forms import AcceptForm, DeclineForm
from web.customer.times import choice_of_times, instant_in
from web.form_pages import form_page, posted

FROM_THE_LIST = "Please choose a time from the list."


@for_the_quoted
@require_safe
def quote(request: HttpRequest, quote: Quote, quote_token: str) -> HttpResponse:
    return render(request, "invoicing/customer_quote.html", _context(quote, quote_token, timezone.now()))


def _context(quote: Quote, quote_token: str, now: datetime, **more: Any) -> dict[str, Any]:
    """`job`: what is being paid for, or what it became; `closed`: why nobody can accept it, if so."""
    version, job = quote.current, job_of(quote)
    assert version
    is_held = bool(job and job.status in HELD)
    return {
        "quote": quote,
        "version": version,
        "tradie": quote.tradie,
        "quote_token": quote_token,
        "state": state_of(quote, job.status if job else None, now),
        "job": job,
        "is_held": is_held,
        "may_pay": is_held and job and job.status == "pending" and job.held_until and now < job.held_until,
        "pay_url": pay_link(job) if is_held and job else "",
        "manage_token": token_of(job) if job and not is_held else "",
        "closed": "" if job else why_closed(quote, now),
        "sums": version.totals,
        "lines": [row.line for row in version.lines.all()],
        "last_day": last_day_of(version, quote.tradie.timezone),
        "policy": in_short(version.terms.policy, version.deposit_cents) if version.deposit_cents else "",
        **more,
    }


def pay_link(booking: Booking) -> str:
    """To the widget's card form, on our own site: a form of this page may lead nowhere else."""
    return widget_link(booking).removeprefix(settings.SITE_URL)


@for_the_quoted
@SHOW_AND_SAVE
def time(request: HttpRequest, quote: Quote, quote_token: str) -> HttpResponse:
    """GET shows the free times, or with `start` what accepting at that one means. POST accepts: on to the card, or,
    where nothing is to be paid now, to the booking."""
    now = timezone.now()
    if request.method == "POST":
        return _accept(request, quote, quote_token, now)
    context = _context(quote, quote_token, now)
    if context["closed"] or (context["job"] and not context["is_held"]):
        return redirect("quote", quote_token)
    if "start" not in request.GET:
        return _choose(request, context, now)
    try:
        return _ask(request, context, now)
    except AppError as refusal:
        return _choose(request, context, now, refusal)


def _choose(
    request: HttpRequest, context: dict[str, Any], now: datetime, refusal: AppError | None = None
) -> HttpResponse:
    """Why not, if so, and the free times."""
    quote, job = context["quote"], context["job"]
    if refusal:
        context["refusal"] = refusal.message
        context["nearest"] = refusal.alternatives if isinstance(refusal, SlotUnavailable) else ()
    if not context["closed"]:
        near = job.starts_at if job else now
        context |= choice_of_times(request.GET, wish_of(quote, near), now, near=near)
    return render(request, "invoicing/quote_time.html", context, status=refusal.status if refusal else 200)


def _ask(request: HttpRequest, context: dict[str, Any], now: datetime) -> HttpResponse:
    """Raises SlotUnavailable, ValidationFailed: at a time that can't be had there is nothing to ask."""
    starts, quote = instant_in(request.GET["start"]), context["quote"]
    if starts is None:
        raise ValidationFailed(FROM_THE_LIST)
    slot = require_open_slot(wish_of(quote, starts), now)
    zone, version = quote.tradie.timezone, context["version"]
    context |= {
        "form": AcceptForm(initial={"version": version.number, "start": iso(starts, zone)}),
        "starts": starts,
        "ends": slot.ends,
        "day": in_zone(starts, zone).date().isoformat(),
        "statement": version.terms.policy_statement(starts, zone, now=now, is_asked=False),
    }
    return render(request, "invoicing/quote_accept.html", context)


def _accept(request: HttpRequest, quote: Quote, quote_token: str, now: datetime) -> HttpResponse:
    form = AcceptForm(request.POST)
    try:
        if not BookingAttempts().allow_request(request, None):
            raise RateLimited
        if not form.is_valid():
            raise ValidationFailed(FROM_THE_LIST)
        said, attempt = form.cleaned_data, Attempt(client_address_hash=address_hash(request))
        job = accept(quote, version=said["version"], starts_at=said["start"], attempt=attempt, now=now)
    except AppError as refusal:
        quote.refresh_from_db()
        return _choose(request, _context(quote, quote_token, now), now, refusal)
    if job.status in HELD and job.starts_at == said["start"]:
        return redirect(pay_link(job))
    # Another tab or phone was quicker, with another time: the page says which one there is.
    return redirect("quote", quote_token) if job.status in HELD else redirect("manage", token_of(job))


@for_the_quoted
@SHOW_AND_SAVE
def decline(request: HttpRequest, quote: Quote, quote_token: str) -> HttpResponse:
    """POST says no, with a reason if they like; a time that is held meanwhile is let go of."""
    now = timezone.now()
    context = _context(quote, quote_token, now)
    if context["closed"] or (context["job"] and not context["is_held"]):
        return redirect("quote", quote_token)
    form = DeclineForm(posted(request), initial={"version": context["version"].number})
    if request.method == "POST" and form.is_valid():
        try:
            let_go(quote, now=now)
            said = form.cleaned_data
            decline_quote(quote, version=said["version"], reason=said["reason"], now=now)
        except BookingNotChangeable as refusal:
            quote.refresh_from_db()
            context = _context(quote, quote_token, now, refusal=refusal.message)
            return render(request, "invoicing/customer_quote.html", context, status=refusal.status)
        return redirect("quote", quote_token)
    return form_page(request, "invoicing/quote_decline.html", {**context, "form": form}, form)
