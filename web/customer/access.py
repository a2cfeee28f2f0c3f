"""Who may open the page of a booking: whoever has its link.

The token in the address is the permission. No cookie is read, so there is nothing that a forged request could
borrow and no CSRF check (which could not work under `Referrer-Policy: no-referrer`). For the same reason the pages work
in the frame of another website, where browsers keep cookies back, and a frame round them gives nobody a press that they
could not make themselves: to frame one takes the token, and with the token one can send its forms.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from bookings import proofs
from bookings.models import Booking
from bookings.new_links import mail_link_again
from bookings.tokens import find_by_former_token, find_by_token
from invoicing import quote_tokens
from peepopay.errors import RateLimited
from peepopay.throttling import TokenAttempts
from web.customer.framing import framed_on

View = Callable[..., HttpResponseBase]


def for_the_customer(view: View) -> View:
    """The view gets `(request, booking, token, ...)`. A link that was replaced, and an unknown one, get a friendly page
    instead; too many tries a 429."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def with_booking(request: HttpRequest, token: str, **which: Any) -> HttpResponseBase:
        if not TokenAttempts().allow_request(request, view):
            raise RateLimited
        secret = proofs.split(token)[0]
        booking = find_by_token(secret)
        if booking is not None:
            return framed_on(booking.tradie.allowed_sites, _private(view(request, booking, token, **which)))
        former = find_by_former_token(secret)
        if former is not None:
            return framed_on(former.tradie.allowed_sites, _private(_replaced(request, former, token)))
        return _private(render(request, "bookings/unknown_link.html", status=404))

    return with_booking


def _replaced(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Of the booking it says nothing: whose link ended may be just who should see nothing. Whatever button was pressed,
    there is one thing left to do: mail the link that opens it now."""
    asked = request.method == "POST"
    if asked:
        mail_link_again(booking, now=timezone.now())
    return render(request, "bookings/replaced_link.html", {"token": token, "asked": asked}, status=410)


def for_the_quoted(view: View) -> View:
    """The same for the page of a quote: the view gets `(request, quote, quote_token)`."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def with_quote(request: HttpRequest, quote_token: str) -> HttpResponseBase:
        if not TokenAttempts().allow_request(request, view):
            raise RateLimited
        quote = quote_tokens.find_by_token(quote_token)
        if quote is not None and quote.erased_at is None:
            return _private(view(request, quote, quote_token))
        replaced = quote_tokens.was_replaced(quote_token)
        page = render(
            request, "invoicing/no_quote.html", {"replaced": replaced}, status=410 if replaced else 404
        )
        return _private(page)

    return with_quote


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


# What the page says after a button was pressed. Here, because without cookies only the address can carry it.
SAID = {
    "moved": "Your booking has moved. We've emailed you the new time.",
    "call": "We've told them, and they'll call you.",
    "call_again": "You've asked for a call already. They've been told, and will call you.",
    "on_site": "Saved. They see it with your booking.",
    "looked": "We've just asked the card service. This is how it stands.",
    "away": "We can't reach the card service to ask. Please try again in a minute.",
}


def back_to_booking(token: str, *, said: str = "") -> HttpResponse:
    """To the page of the booking, which says what was done: a key of SAID."""
    return redirect(reverse("manage", args=[token]) + (f"?done={said}" if said else ""))
