"""The front door."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from peepopay.methods import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard_today")
    context = {
        "fee_percent": Decimal(settings.APPLICATION_FEE_BASIS_POINTS) / 100,
        "to_try": _to_try(),
    }
    return render(request, "home.html", context)


def _to_try() -> str:
    """The booking page of the business that strangers may try, or nothing."""
    slug = settings.DEMO_TRADIE
    return settings.WIDGET_URL + reverse("booking_widget", args=[slug]) if slug else ""
