"""Who may open the page of a booking: whoever has its link.

The token in the address is the permission. No cookie is read, so there is nothing that a forged request could
borrow and no CSRF check (which could not work under `Referrer-Policy: no-referrer`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from bookings import proofs
from bookings.tokens import find_by_token
from peepopay.errors import RateLimited
from peepopay.throttling import TokenAttempts

View = Callable[..., HttpResponse]


def for_the_customer(view: View) -> View:
    """The view gets `(request, booking, token)`. Unknown tokens get a friendly 404, too many tries a 429."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def with_booking(request: HttpRequest, token: str) -> HttpResponse:
        if not TokenAttempts().allow_request(request, view):
            raise RateLimited
        booking = find_by_token(proofs.split(token)[0])
        if booking is None:
            return _private(render(request, "bookings/unknown_link.html", status=404))
        return _private(view(request, booking, token))

    return with_booking


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


# What the page says after a button was pressed. Here, because without cookies only the address can carry it.
SAID = {"moved": "Your booking has moved. We've emailed you the new time."}


def back_to_booking(token: str, *, said: str = "") -> HttpResponse:
    """To the page of the booking, which says what was done: a key of SAID."""
    return redirect(reverse("manage", args=[token]) + (f"?done={said}" if said else ""))
