"""Browsers that somebody has signed in with before: nobody who guesses elsewhere can lock their owner out of them.

A signed cookie holds a random name of the browser and a mark for each person who signed in with it. A mark is made of
the browser's name, the person and their password's hash: it names nobody, and is void once the password changes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from accounts.models import User
from peepopay.derived_tokens import secret_keys

COOKIE = "known_browser"
PATH = "/accounts/"  # only sign-in reads it
LASTS = timedelta(days=365)
SALT = "web.sign_in.known_browser"
MOST_PEOPLE = 5  # who share one browser


def recognise(request: HttpRequest, users: Iterable[User]) -> str | None:
    """The browser's name, if one of `users` has signed in with it and has had the same password since."""
    browser, marks = _read(request)
    known = any(mark in marks for user in users for mark in _marks(browser, user))
    return browser if known else None


def remember(request: HttpRequest, user: User) -> None:
    """`user` has signed in, second step and all, or has just chosen another password: the answer will say so."""
    request.known_to = user  # type: ignore[attr-defined]


def write(request: HttpRequest, response: HttpResponseBase) -> None:
    """The cookie, if there is something to remember."""
    user: User | None = getattr(request, "known_to", None)
    if user is None:
        return
    browser, marks = _read(request)
    browser = browser or secrets.token_urlsafe(16)
    mine, *older = _marks(browser, user)
    others = [mark for mark in marks if mark != mine and mark not in older]
    response.set_cookie(
        COOKIE,
        signing.dumps([browser, mine, *others][: MOST_PEOPLE + 1], salt=SALT),
        max_age=LASTS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser's name and its marks; nothing of a cookie that we did not sign."""
    try:
        browser, *marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return "", []
    return browser, marks


def _marks(browser: str, user: User) -> list[str]:
    """As made with the key of today, then with older ones: another key makes no browser unknown."""
    of = f"{browser}:{user.pk}:{user.password}"
    digests = (salted_hmac(SALT, of, secret=key, algorithm="sha256") for key in secret_keys())
    return [digest.hexdigest()[:32] for digest in digests]
