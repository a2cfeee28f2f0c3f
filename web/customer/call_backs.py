"""The booking page without scripts: who they are, their number, and a way to leave one's own."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Tradie
from bookings.call_back_models import LONGEST_ABOUT
from bookings.call_backs import ask_for_call_back, who_calls
from peepopay.errors import AppError, NotFound, RateLimited
from peepopay.methods import SHOW_AND_SAVE
from peepopay.phone import PhoneField
from peepopay.throttling import CallBackAttempts
from web.customer.forms import StrangersForm
from web.form_pages import form_page, posted


class CallBackForm(StrangersForm):
    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    phone = PhoneField(label="Your phone number")
    about = forms.CharField(
        label="What is it about?",
        max_length=LONGEST_ABOUT,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


@csrf_exempt  # no cookie is read here, and within another site's page there is none
@never_cache
@SHOW_AND_SAVE
def call_back(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows, `?done` that they were told; POST leaves a number."""
    try:
        tradie = who_calls(slug)
    except NotFound:
        return render(request, "bookings/unknown_business.html", status=404)
    form, context = CallBackForm(posted(request)), {"tradie": tradie, "done": "done" in request.GET}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "bookings/call_back.html", {**context, "form": form}, form)
    try:
        _leave(request, tradie, form)
    except AppError as refusal:
        refused = {**context, "form": form, "refusal": refusal.message}
        return render(request, "bookings/call_back.html", refused, status=refusal.status)
    return redirect(reverse("call_back", args=[slug]) + "?done")


def _leave(request: HttpRequest, tradie: Tradie, form: CallBackForm) -> None:
    """Raises CallInstead, RateLimited, PressAgain."""
    if not CallBackAttempts().allow_request(request, call_back):
        raise RateLimited
    ask_for_call_back(tradie, **form.by_a_person(), now=timezone.now())
