"""The browsers in which somebody is signed in, and signing out there."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.browser_models import SignedInBrowser
from accounts.models import User
from peepopay.errors import ServiceUnavailable
from peepopay.methods import require_POST, require_safe
from web.dashboard.access import for_anybody_signed_in

MOST_SHOWN = 50
# The first that is named: others name themselves after these too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
DEVICES = {
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}
NOT_NOW = "We can't sign that browser out just now. Please try again in a minute, or sign out everywhere."


@for_anybody_signed_in
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """This one first, then the newest."""
    here = request.session.session_key
    rows = sorted(_open(request.user, timezone.now()), key=lambda row: row.session_key != here)  # type: ignore[arg-type]
    listed = [(row, name_of(row.user_agent), row.session_key == here) for row in rows[:MOST_SHOWN]]
    return render(request, "account/sessions.html", {"sessions": listed})


def _open(user: User, now: datetime) -> list[SignedInBrowser]:
    """The newest first."""
    rows = list(user.browsers.order_by("-signed_in_at"))
    keys = [row.session_key for row in rows]
    still = set(Session.objects.filter(pk__in=keys, expire_date__gt=now).values_list("pk", flat=True))
    return [row for row in rows if row.session_key in still]


@for_anybody_signed_in
@require_POST
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    row = get_object_or_404(SignedInBrowser, pk=session_id, user=request.user)
    if row.session_key == request.session.session_key:
        return redirect("account_logout")
    try:
        end_session(row)
        notices.success(request, f"Signed out of {name_of(row.user_agent)}.")
    except ServiceUnavailable:
        notices.warning(request, NOT_NOW)
    return redirect("sessions")


def end_session(row: SignedInBrowser) -> None:
    """Raises ServiceUnavailable while the cache is away: a copy that lies there would open again what was ended."""
    cache: Any = caches[settings.SESSION_CACHE_ALIAS]  # this one says whether it did
    if not cache.set(KEY_PREFIX + row.session_key, {}, settings.SESSION_COOKIE_AGE):
        raise ServiceUnavailable
    Session.objects.filter(pk=row.session_key).delete()
    row.delete()


def name_of(user_agent: str) -> str:
    """`Chrome on an iPhone`, as far as the browser says so."""
    browser = next((name for word, name in BROWSERS.items() if re.search(rf"\b{word}/", user_agent)), "")
    device = next((name for word, name in DEVICES.items() if word in user_agent), "")
    return f"{browser or 'A browser'} on {device}" if device else browser or "A browser"
