"""No more reminders: the page behind the link in each, which mail programs may press by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from bookings import reminder_links
from peepopay.errors import RateLimited
from peepopay.methods import SHOW_AND_SAVE
from peepopay.throttling import TokenAttempts
from web.customer.framing import framed_on


@csrf_exempt
@never_cache
@SHOW_AND_SAVE
def reminders(request: HttpRequest, booking_id: UUID, key: str) -> HttpResponse:
    """GET only shows. POST with `reminders`, "off" or "on", is the button of the page; with `List-Unsubscribe` it is a
    mail program, which is answered without a redirect (RFC 8058, 3.2)."""
    if not TokenAttempts().allow_request(request, reminders):
        raise RateLimited
    booking = reminder_links.find_by_key(booking_id, key)
    if booking is None:
        return _page(request, "bookings/unknown_link.html", status=404)
    now, by_a_program = timezone.now(), "List-Unsubscribe" in request.POST
    if request.POST.get("reminders") == "off" or by_a_program:
        reminder_links.stop(booking, now=now)
    elif request.POST.get("reminders") == "on":
        reminder_links.start(booking, now=now)
    if request.method == "POST" and not by_a_program:
        return redirect("reminders", booking_id, key)
    context = {"booking": booking, "tradie": booking.tradie, "wanted": reminder_links.are_wanted(booking)}
    return framed_on(booking.tradie.allowed_sites, _page(request, "bookings/reminders.html", context))


def _page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
