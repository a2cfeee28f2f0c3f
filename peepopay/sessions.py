"""Django's session middleware, but for a database that does not take the session."""

from __future__ import annotations

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from .errors import ServiceUnavailable
from .middleware import refusal
from .outages import note_outage


class Sessions(SessionMiddleware):
    """Django takes any failure to save a session for "signed out meanwhile", and answers 400."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (SessionInterrupted, OperationalError, InterfaceError) as problem:
            outage = _outage_behind(problem)
            if outage is None:
                raise
            note_outage(outage)
        if request.method not in ("GET", "HEAD"):
            return refusal(request, ServiceUnavailable())
        # What a page changes is at most that a notice was read: it is shown once more.
        patch_vary_headers(response, ("Cookie",))
        return response


def _outage_behind(problem: BaseException | None) -> BaseException | None:
    while problem and not isinstance(problem, OperationalError | InterfaceError):
        problem = problem.__context__
    return problem
