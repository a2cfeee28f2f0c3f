"""Stripe's errors: one exception that knows its HTTP status and its JSON body."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """Refuses a request the way Stripe does. `extra` joins the error object (`param`, `decline_code`, ...).

    `keeps`: what the request changed before it was refused stays (a declined card leaves a failed charge).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        keeps: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind, self.code = message, status, kind, code
        self.keeps, self.extra = keeps, extra

    def body(self) -> dict[str, Any]:
        """-> {"error": {"type", "message", "code"?, "doc_url"?, ...}}, the shape of every v1 error."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        return {"error": error | {name: value for name, value in self.extra.items() if value is not None}}

    def v2_body(self) -> dict[str, Any]:
        """-> {"error": {"code", "message"}}, the shape of every v2 error."""
        code = "not_found" if self.code == "resource_missing" else self.code or "invalid_fields"
        return {"error": {"code": code, "message": self.message}}


def missing(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(params: list[str]) -> StripeError:
    plural = "s" if len(params) > 1 else ""
    return StripeError(
        f"Received unknown parameter{plural}: {', '.join(params)}", code="parameter_unknown", param=params[0]
    )


def no_such(kind: str, object_id: str, param: str = "id") -> StripeError:
    return StripeError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param=param)
