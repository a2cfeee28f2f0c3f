"""What every answer to somebody who is signed in carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from web import van

from . import browsers, known_browser, rolling


class SignInMiddleware:
    """After the session middleware: it changes the session before that one saves it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        rolling.roll(request)
        known_browser.write(request, response)
        browsers.note(request)
        van.mind_whose(request, response)
        return response
