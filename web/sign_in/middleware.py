"""What every answer to somebody who is signed in carries, and how those of the pages of sign-in are told apart."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from web import van
from web.form_pages import REFUSED

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

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """A form that is refused is answered as `web.form_pages` answers it; allauth's own pages say 200."""
        if response.status_code == 200 and any(map(is_refused, (response.context_data or {}).values())):
            response.status_code = REFUSED
        return response


def is_refused(one: object) -> bool:
    return isinstance(one, BaseForm) and one.is_bound and bool(one.errors)
