"""Nothing that suits is free: a form to wait for a time, and the page of who waits. Both work without scripts, and in
the frame of the widget, which leads here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Service, Tradie
from bookings.booking_again import widget_link
from bookings.models import HELD, Booking, Waiter
from bookings.terms import terms_of
from bookings.tokens import token_of
from bookings.waitlist import join, waitlist_of, wanted
from bookings.waitlist_links import find_by_token, url_of
from payments.waiting import leave, pass_up
from peepopay.errors import AppError, CallInstead, NotFound, RateLimited, ValidationFailed
from peepopay.forms import DateInput, add_refusal
from peepopay.ids import id_in
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE
from peepopay.phone import PhoneField
from peepopay.throttling import TokenAttempts, WaitlistAttempts
from web.customer.chinese import LANGUAGE, in_chinese, speaks
from web.customer.forms import StrangersForm
from web.customer.framing import framed_on
from web.form_pages import REFUSED, posted

OFFER_OVER = (
    "That time is over, or somebody was quicker. You wait on, and we write when the next one is free."
)


class WaitForm(StrangersForm):
    service = forms.ModelChoiceField(Service.objects.none(), label="What is to be done?", empty_label=None)
    day = forms.DateField(
        label="Only on this day",
        required=False,
        widget=DateInput(),
        help_text="Empty: any day sooner than what is free now.",
    )
    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    phone = PhoneField(label="Your mobile")
    email = forms.EmailField(
        label="Your email",
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, tradie: Tradie, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = tradie.services.filter(is_active=True).select_related("tradie")  # type: ignore[attr-defined]
        today = in_zone(timezone.now(), tradie.timezone).date()
        last = today + timedelta(days=tradie.horizon_days)
        self.fields["day"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}


@csrf_exempt  # no cookie is read here, and within another site's page there is none
@never_cache
@SHOW_AND_SAVE
def wait(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the form, for `?service=` and `?day=`; POST puts them on the list and leads to their page."""
    try:
        tradie = waitlist_of(slug)
    except NotFound:
        return render(request, "bookings/unknown_business.html", status=404)
    except CallInstead:
        return redirect("call_back", slug)
    if "waits" in request.GET:
        return framed_on(
            tradie.allowed_sites,
            _shown(request, "bookings/waiting_over.html", {"waits": True, "tradie": tradie}),
        )
    asked = {"service": id_in(request.GET.get("service", "")), "day": request.GET.get("day", "")}
    form = WaitForm(tradie, posted(request), initial={name: value for name, value in asked.items() if value})
    refusal, status = "", 200
    if request.method == "POST":
        try:
            if form.is_valid():
                return _joined(request, form)
            status = REFUSED
        except ValidationFailed as problem:
            add_refusal(form, problem)
            status = problem.status
        except AppError as problem:
            refusal, status = problem.message, problem.status
    context = {"tradie": tradie, "form": form, "refusal": refusal}
    return framed_on(tradie.allowed_sites, _shown(request, "bookings/wait.html", context, status=status))


def _shown(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """In the language of the booking page that led here, but for an offer."""
    language = speaks(request)
    page = render(request, template, {**context, LANGUAGE: language}, status=status)
    return in_chinese(page) if language and not context.get("offer") else page


def _on_to(request: HttpRequest, address: str) -> HttpResponse:
    """To another page of the same language."""
    language = speaks(request)
    asked = f"{'&' if '?' in address else '?'}{LANGUAGE}={language}" if language else ""
    return redirect(f"{address}{asked}")


def _joined(request: HttpRequest, form: WaitForm) -> HttpResponse:
    """Raises ValidationFailed, CallInstead, RateLimited, PressAgain."""
    if not WaitlistAttempts().allow_request(request, wait):
        raise RateLimited
    waiter, is_new = join(**form.by_a_person(), now=timezone.now())
    if not is_new:
        return _on_to(request, reverse("wait", args=[waiter.tradie.slug]) + "?waits")
    return _on_to(request, url_of(waiter).removeprefix(settings.SITE_URL))


@csrf_exempt
@never_cache
@SHOW_AND_SAVE
def waiting(request: HttpRequest, waiting_token: str) -> HttpResponse:
    """What they are offered, if anything. POST with `answer`: `no`, it doesn't suit; `leave`, off the list."""
    if not TokenAttempts().allow_request(request, waiting):
        raise RateLimited
    waiter = find_by_token(waiting_token)
    if waiter is None:
        left = "left" in request.GET
        return _shown(request, "bookings/waiting_over.html", {"left": left}, status=200 if left else 404)
    offer = waiter.offer
    if offer and offer.status not in HELD and offer.confirmed_at:
        return redirect("manage", token_of(offer))
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _answered(request, waiter, waiting_token)
        except AppError as problem:
            refusal, status = problem.message, problem.status
    context = _context(waiter, speaks(request)) | {"refusal": refusal}
    page = _shown(request, "bookings/waiting.html", context, status=status)
    page["X-Robots-Tag"] = "noindex, nofollow"
    return framed_on(waiter.tradie.allowed_sites, page)


def _answered(request: HttpRequest, waiter: Waiter, waiting_token: str) -> HttpResponse:
    """Raises BookingNotChangeable."""
    now = timezone.now()
    if request.POST.get("answer") == "leave":
        leave(waiter, now=now)
        return _on_to(request, reverse("waiting", args=[waiting_token]) + "?left")
    if request.POST.get("answer") == "no":
        pass_up(waiter, now=now)
    return _on_to(request, reverse("waiting", args=[waiting_token]))


def _context(waiter: Waiter, language: str) -> dict[str, Any]:
    now, offer, terms = timezone.now(), waiter.offer, terms_of(waiter.service)
    zone = waiter.tradie.timezone
    is_open = bool(offer and offer.status in HELD and offer.held_until and offer.held_until > now)
    terms = offer.terms if offer else terms
    return {
        "tradie": waiter.tradie,
        "waiter": waiter,
        "wanted": wanted(waiter),
        "offer": offer if is_open else None,
        "terms": terms,
        "over": OFFER_OVER if waiter.offered and not is_open else "",
        "statement": terms.policy_statement(offer.starts_at, zone, now=now, is_asked=terms.requires_approval)
        if offer and is_open
        else [],
        "take_url": _take_url(offer, language) if offer and is_open else "",
    }


def _take_url(offer: Booking, language: str) -> str:
    address = widget_link(offer).removeprefix(settings.SITE_URL)
    return address.replace("?", f"?{LANGUAGE}={language}&", 1) if language else address
