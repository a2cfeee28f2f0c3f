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
    RateLimited,
    ServiceUnavailable,
)


class Schema(AutoSchema):
    """Adds what any endpoint may answer (405, 429, 500, 503), and the booking's token where a view needs it."""

    def get_auth(self) -> list[dict[str, Any]]:
        """A booking's token; the dashboard's session, which is how every other view authenticates; or nothing."""
        if getattr(self.view, "opened_by_token", False):
            return [{"bookingToken": []}]
        return [{"dashboardSession": []}] if self.view.get_authenticators() else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for error in (MalformedRequest, MethodNotAllowed, RateLimited, InternalError, ServiceUnavailable):
            described = self._get_response_for_code(
                OpenApiResponse(ErrorSerializer, error.code), str(error.status)
            )
            body = bodies.setdefault(str(error.status), described)
            if error.code not in body["description"]:
                body["description"] += f", {error.code}"
        return bodies


def errors(*kinds: type[AppError]) -> dict[int, OpenApiResponse]:
    """Responses for `extend_schema`: the errors that this endpoint itself answers, by status."""
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.code)
    return {status: OpenApiResponse(ErrorSerializer, ", ".join(codes)) for status, codes in by_status.items()}
