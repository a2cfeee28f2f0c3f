"""What every API view shares: strict JSON in, JSON out, and errors in the one shape."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from .api_outputs import error_answer
from .errors import (
    AppError,
    Forbidden,
    InternalError,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    ServiceUnavailable,
    Unauthorized,
    ValidationFailed,
)
from .outages import note_outage

logger = logging.getLogger(__name__)


LARGEST_JSON = 64 * 1024
JSON_TOO_LARGE = f"That request is too large; the most is {LARGEST_JSON // 1024} kB."


class StrictJSONParser(BaseParser):
    """JSON of at most 64 kB. Refuses NaN, lone surrogates and absurd nesting, which PostgreSQL would choke on later."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(LARGEST_JSON + 1)
        if len(raw) > LARGEST_JSON:
            raise MalformedRequest(JSON_TOO_LARGE)
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as problem:
            raise MalformedRequest("The request is not valid JSON.") from problem


class Nobody(BasePermission):
    """The default: who may come in is said by each view's base (`web/api/bases.py`)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class AlwaysJSON(BaseContentNegotiation):
    """Answers are JSON whatever the Accept header says, so that an error is never replaced by a 406."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        media_type = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


KNOWN: tuple[tuple[Any, type[AppError]], ...] = (
    ((exceptions.ParseError, exceptions.UnsupportedMediaType, SuspiciousOperation), MalformedRequest),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), Unauthorized),
    ((exceptions.PermissionDenied, PermissionDenied), Forbidden),
    (exceptions.MethodNotAllowed, MethodNotAllowed),
    ((exceptions.NotFound, Http404), NotFound),
)


def validated(serializer_class: Any, data: Any) -> dict[str, Any]:
    """What was sent, checked. Raises DRF's ValidationError, answered as VALIDATION_FAILED with its fields."""
    return dict(_shared(serializer_class).run_validation(data))


@cache
def _shared(serializer_class: Any) -> Any:
    """One for all requests: it keeps nothing of what it checks, and to copy its fields for each took as long as to
    check them."""
    return serializer_class()


def as_app_error(problem: BaseException) -> AppError:
    """The error to answer with; anything unexpected becomes a generic 500."""
    if isinstance(problem, AppError):
        return problem
    if isinstance(problem, exceptions.ValidationError):
        return ValidationFailed(fields=flatten(problem.detail))
    if isinstance(problem, exceptions.Throttled):
        return RateLimited(retry_after=int(getattr(problem, "wait", None) or 60))
    for kinds, error in KNOWN:
        if isinstance(problem, kinds):
            return error()
    if isinstance(problem, OperationalError | InterfaceError):
        note_outage(problem)
        return ServiceUnavailable()
    logger.error("unexpected error in the API", exc_info=problem)
    return InternalError()


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as {"customer.email": ["..."]}."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            prefix = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
            found.update(flatten(inner, prefix))
        return found
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        return flatten({str(number): item for number, item in enumerate(detail) if item}, path)
    sentences = detail if isinstance(detail, list) else [detail]
    return {path or "body": [str(sentence) for sentence in sentences]}


def headers_of(error: AppError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if error.status == Unauthorized.status:
        headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    return headers


def handle_exception(problem: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler."""
    error = as_app_error(problem)
    headers = headers_of(error)
    if isinstance(problem, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    response = Response(error_answer(error), status=error.status, headers=headers)
    response.exception = True
    return response


def error_response(error: AppError) -> JsonResponse:
    """The same answer outside DRF."""
    return JsonResponse(error_answer(error), status=error.status, headers=headers_of(error))


BY_STATUS: dict[int, type[AppError]] = {
    400: MalformedRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: MalformedRequest,
    429: RateLimited,
    500: InternalError,
    503: ServiceUnavailable,
}


def is_api(path: str) -> bool:
    return path.startswith(("/api/", "/mcp", "/webhooks/"))


def in_the_one_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Replace an error that Django answered on its own (an unknown address, a bad host) by ours."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    ours = error_response(BY_STATUS.get(response.status_code, InternalError)())
    for name in ("Allow", "Vary"):
        if response.has_header(name):
            ours[name] = response[name]
    return ours
