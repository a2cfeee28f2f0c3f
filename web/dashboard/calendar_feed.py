"""A person's calendar feed: where they get its address, and where their calendar program reads it."""

from __future__ import annotations

from hashlib import sha256

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response

from accounts.models import Membership
from accounts.roles import May
from bookings.feeds import address_to_read, feed_file, feed_of, find_feed, note_reading, renew_feed, stop_feed
from peepopay.errors import RateLimited
from peepopay.methods import require_POST, require_safe
from peepopay.throttling import TokenAttempts
from web.dashboard.access import for_members, with_password_again


@for_members(May.JOBS)
@with_password_again
@require_safe
def calendar_feed(request: HttpRequest, member: Membership) -> HttpResponse:
    feed = feed_of(member)
    address = address_to_read(feed) if feed else ""
    context = {"tradie": member.tradie, "feed": feed, "address": address}
    context["subscribe"] = address.replace("https://", "webcal://") if address.startswith("https") else ""
    return render(request, "calendar/feed.html", context)


@for_members(May.JOBS)
@with_password_again
@require_POST
def renew(request: HttpRequest, member: Membership) -> HttpResponse:
    had_one = feed_of(member) is not None
    renew_feed(member, now=timezone.now())
    notices.success(
        request, "This is the new address. The old one shows nothing any more." if had_one else "Here it is."
    )
    return redirect("calendar_feed")


@for_members(May.JOBS)
@require_POST
def stop(request: HttpRequest, member: Membership) -> HttpResponse:
    if stop_feed(member):
        notices.success(request, "Stopped. The address shows nothing any more.")
    return redirect("calendar")


@require_safe
def feed(request: HttpRequest, feed_token: str) -> HttpResponseBase:
    """Whoever has the address may read; no cookie is looked at. 304 as long as nothing changed."""
    found = find_feed(feed_token)
    if found is None:
        # Only guesses count: many businesses' calendars are read from the few addresses of Google and Apple.
        if not TokenAttempts().allow_request(request, feed):
            raise RateLimited
        raise Http404
    now = timezone.now()
    note_reading(found, now=now)
    content = feed_file(found, now=now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="jobs.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["ETag"] = etag = f'"{sha256(content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response
