"""How views describe themselves in the OpenAPI schema: every error has the one shape."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from .api_outputs import ErrorSerializer
from .errors import (
    AppError,
    InternalError,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    ServiceUnavailable,
)

# Who may call an operation. Where a customer and the business share an address, `extend_schema(auth=...)` says both.
WITH_TOKEN: Any = {"bookingToken": []}
WITH_SESSION: Any = {"dashboardSession": []}
WITH_KEY: Any = {"apiKey": []}
FOR_THE_BUSINESS = [WITH_SESSION, WITH_KEY]
FOR_BOTH_SIDES = [WITH_TOKEN, *FOR_THE_BUSINESS]

WITHOUT_NUL = r"^[^\u0000]*$"
OF_ANY: tuple[type[AppError], ...] = (
    MalformedRequest,
    MethodNotAllowed,
    RateLimited,
    InternalError,
    ServiceUnavailable,
)


# What comes with an answer besides its body, by status.
HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer"}},
    "405": {"Allow": {"schema": {"type": "string"}, "description": "The methods that this address has."}},
    "429": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds.", "required": True}},
    "503": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds.", "required": True}},
}
FRESH = {"ETag": {"schema": {"type": "string"}, "description": "For If-None-Match.", "required": True}}


class Schema(AutoSchema):
    """Adds what any endpoint may answer (404 for a name or id that is none, 405, 429, 500, 503) with its headers, and
    the booking's token where a view needs it."""

    def get_auth(self) -> list[dict[str, Any]]:
        """A booking's token; the dashboard's session or an API key; or nothing."""
        if getattr(self.view, "opened_by_token", False):
            return [WITH_TOKEN]
        if not self.view.get_authenticators():
            return []
        return FOR_THE_BUSINESS if getattr(self.view, "scopes", None) else [WITH_SESSION]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        answers: list[type[AppError]] = [*self._of_its_address(), *OF_ANY]
        for error in answers:
            described = self._get_response_for_code(
                OpenApiResponse(ErrorSerializer, error.code), str(error.status)
            )
            body: dict[str, Any] = bodies.setdefault(str(error.status), described)
            if error.code not in body["description"]:
                body["description"] += f", {error.code}"
        for status, body in bodies.items():
            fresh = FRESH if "304" in bodies and status in ("200", "304") else {}
            if headers := HEADERS.get(status, fresh):
                body["headers"] = headers
        return bodies

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] != "query":
                continue
            if not parameter.get("required"):
                parameter["allowEmptyValue"] = True  # the same as not sent
            if not {"format", "pattern", "enum"} & set(parameter["schema"]):
                parameter["schema"]["pattern"] = WITHOUT_NUL  # `ApiBoundaryMiddleware` sees to it
        return parameters

    def _get_request_body(
        self, direction: Literal["request", "response"] = "request"
    ) -> dict[str, Any] | None:
        body: dict[str, Any] | None = super()._get_request_body(direction)
        return {**body, "required": True} if body else None  # of a PATCH, too

    def _of_its_address(self) -> list[type[AppError]]:
        return [NotFound] if "{" in self.path else []


def errors(*kinds: type[AppError]) -> dict[int, OpenApiResponse]:
    """Responses for `extend_schema`: the errors that this endpoint itself answers, by status."""
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.code)
    return {status: OpenApiResponse(ErrorSerializer, ", ".join(codes)) for status, codes in by_status.items()}
