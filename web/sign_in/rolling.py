"""Sessions that last SESSION_COOKIE_AGE from the last day of use, at one write a day rather than one a request."""

from __future__ import annotations

import time

from django.http import HttpRequest

RENEWED_AT = "renewed_at"  # in the session; seconds since 1970
EVERY_SECONDS = 24 * 60 * 60


def begin(request: HttpRequest) -> None:
    """At sign-in."""
    request.session[RENEWED_AT] = int(time.time())


def roll(request: HttpRequest) -> None:
    """Renew the session that this request used, if that is a day ago. It costs nothing to a request that used none."""
    session = request.session
    if session.accessed and RENEWED_AT in session and session[RENEWED_AT] < time.time() - EVERY_SECONDS:
        begin(request)
