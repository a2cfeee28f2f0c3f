"""The page behind a link to pay: what, how much, until when, and the card form. Opening it changes nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from payments.paying import bill_of, look_at_bill, open_bill
from peepopay.errors import AppError, PaymentProviderUnavailable
from peepopay.methods import SHOW_AND_SAVE
from web.customer.access import SAID, for_the_customer


@for_the_customer
@SHOW_AND_SAVE
def pay(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """POST with `card_form`, which the page's script sends, answers what it needs to show Stripe's card form; without,
    which it sends once Stripe took the card, has Stripe asked whether it is paid."""
    now = timezone.now()
    if request.method == "POST":
        return _card_form(booking) if "card_form" in request.POST else _look(booking, token)
    context: dict[str, Any] = {
        "booking": booking,
        "tradie": booking.tradie,
        "token": token,
        "bill": bill_of(booking, now=now),
        "js_url": settings.STRIPE_JS_URL,
        "said": SAID.get(request.GET.get("done", ""), ""),
    }
    return render(request, "bookings/pay.html", context)


def _look(booking: Booking, token: str) -> HttpResponse:
    address = reverse("pay", args=[token])
    try:
        look_at_bill(booking, now=timezone.now())
    except PaymentProviderUnavailable:
        return redirect(f"{address}?done=away")
    return redirect(address)


def _card_form(booking: Booking) -> HttpResponse:
    try:
        payment, client_secret = open_bill(booking, now=timezone.now())
    except AppError as refusal:
        return JsonResponse({"message": refusal.message}, status=refusal.status)
    keys = {"publishable_key": settings.STRIPE_PUBLISHABLE_KEY, "account": payment.account_id}
    return JsonResponse({**keys, "client_secret": client_secret})
