"""The outermost layer: refuses what no view should see and keeps errors of the API in their one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import defaults

from .api import as_app_error, error_response, in_the_one_shape, is_api
from .errors import AppError, MalformedRequest, ServiceUnavailable, UploadTooLarge
from .methods import allowed_methods
from .outages import note_outage

TOO_MUCH = (
    "That's more than we can take at once, so nothing was saved. Go back, shorten what you typed, and send it"
    " again."
)
LONGEST_ADDRESS = 4_000  # characters of path and query; the web server itself takes far more


class ApiBoundaryMiddleware:
    """400 for NUL bytes (PostgreSQL can't hold them) and endless addresses, 405 for a method that the address doesn't
    have, 503 with Retry-After when the database is away, and JSON errors of what is for programs
    (`is_api`) whoever raised them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if len(request.path) + len(query) > LONGEST_ADDRESS:
            return refusal(request, MalformedRequest("That address is too long."))
        if "\0" in request.path or "%00" in query:
            return refusal(request, MalformedRequest())
        response = self.get_response(request)
        return in_the_one_shape(request, response) if is_api(request.path) else response

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        """Called before the CSRF check, which would answer 403."""
        allowed = allowed_methods(view)
        return None if allowed is None or request.method in allowed else HttpResponseNotAllowed(allowed)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        if is_api(request.path):
            return error_response(as_app_error(problem))
        if isinstance(problem, OperationalError | InterfaceError):
            note_outage(problem)
            return refusal(request, ServiceUnavailable())
        if isinstance(problem, AppError):
            return refusal(request, problem)
        return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself can't take: too much at once, which is no damage, or what is damaged."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return refusal(request, exception if isinstance(exception, AppError) else UploadTooLarge(TOO_MUCH))
    return defaults.bad_request(request, exception)


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    """The error as whoever asks can read it: JSON for programs, a page for people."""
    if is_api(request.path) or request.path.startswith("/health"):
        return error_response(error)
    response: HttpResponse = render(request, "error.html", {"error": error}, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response
