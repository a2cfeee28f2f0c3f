"""Every error a person or a program can be told of, and the one JSON shape they share.

    {"success": false, "error": "Conflict", "message": "...", "code": "SLOT_UNAVAILABLE", "statusCode": 409}

`code` is for programs, `message` is a sentence for people. Rules raise these; the API's handler (`peepopay/api.py`)
turns them into answers (`peepopay/api_outputs.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import RequestDataTooBig


class AppError(Exception):
    """An expected failure with its HTTP status, constant code and a sentence for people."""

    success = False
    status = 500
    code = "INTERNAL_ERROR"
    error = "Internal error"
    message = "Something went wrong on our side. Please try again."
    retry_after: int | None = None  # seconds, sent as Retry-After

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        self.message = message or self.message
        self.retry_after = retry_after or self.retry_after
        super().__init__(self.message)


class ValidationFailed(AppError):
    """What was sent can't be used. `fields`: {"customer.email": ["Enter a valid email address."]}."""

    status, code, error = 400, "VALIDATION_FAILED", "Validation failed"
    message = "Please check the details and try again."

    def __init__(self, message: str | None = None, *, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class MalformedRequest(AppError):
    status, code, error = 400, "MALFORMED_REQUEST", "Malformed request"
    message = "We couldn't read that request. Send JSON, with Content-Type: application/json."


class UploadTooLarge(AppError, RequestDataTooBig):
    """Where no view is reached yet, Django answers it as any request with too much in it."""

    status, code, error = 413, "UPLOAD_TOO_LARGE", "Too large"
    message = "That's more than 10 MB at once. Please send fewer files, or smaller ones."


class Unauthorized(AppError):
    status, code, error = 401, "UNAUTHORIZED", "Unauthorized"
    message = "You need to sign in, or use the link from your booking email."


class Forbidden(AppError):
    status, code, error = 403, "FORBIDDEN", "Forbidden"
    message = "You don't have access to that."


class NotFound(AppError):
    status, code, error = 404, "NOT_FOUND", "Not found"
    message = "We couldn't find that."


class MethodNotAllowed(AppError):
    status, code, error = 405, "METHOD_NOT_ALLOWED", "Method not allowed"
    message = "That can't be done at this address."


class Alternative(NamedTuple):
    """A free time, with the UTC offset of the tradie's zone."""

    starts: datetime
    ends: datetime


class SlotUnavailable(AppError):
    """`alternatives`: the nearest free times, at most three."""

    status, code, error = 409, "SLOT_UNAVAILABLE", "Conflict"
    message = "That time has just been taken."

    def __init__(self, message: str | None = None, *, alternatives: list[Alternative] | None = None) -> None:
        super().__init__(message)
        self.alternatives = alternatives or []


class DepositChanged(AppError):
    """More is due than the customer was shown; nothing is held. `deposit_cents`: what they have to agree to."""

    status, code, error = 409, "DEPOSIT_CHANGED", "Conflict"
    message = "The deposit for this booking is higher. Please look at it again."

    def __init__(self, message: str | None = None, *, deposit_cents: int | None = None) -> None:
        super().__init__(message)
        if deposit_cents is not None:
            self.deposit_cents = deposit_cents


class CallOutFee(AppError):
    """A call-out fee that the customer was not shown comes on top of the price; nothing is held. `call_out_fee_cents`:
    what they have to agree to; `price_cents`: the price with it."""

    status, code, error = 409, "CALL_OUT_FEE", "Conflict"
    message = "There is a call-out fee for this address. Please look at the price again."

    def __init__(
        self,
        message: str | None = None,
        *,
        call_out_fee_cents: int | None = None,
        price_cents: int | None = None,
    ) -> None:
        super().__init__(message)
        if call_out_fee_cents is not None:
            self.call_out_fee_cents, self.price_cents = call_out_fee_cents, price_cents


class BookingNotPayable(AppError):
    status, code, error = 409, "BOOKING_NOT_PAYABLE", "Conflict"
    message = "This booking can't be paid any more. Please choose a time again."


class BookingNotChangeable(AppError):
    status, code, error = 409, "BOOKING_NOT_CHANGEABLE", "Conflict"
    message = "This booking can't be changed any more."


class IdempotencyConflict(AppError):
    status, code, error = 409, "IDEMPOTENCY_CONFLICT", "Conflict"
    message = "That request was already sent with other details."


class OutsideServiceArea(AppError):
    status, code, error = 422, "OUTSIDE_SERVICE_AREA", "Outside the service area"
    message = "That address is outside the area this business works in."


class TradieNotBookable(AppError):
    status, code, error = 409, "TRADIE_NOT_BOOKABLE", "Conflict"
    message = "Online booking isn't available right now. Please call instead."


class PaymentProviderUnavailable(AppError):
    status, code, error = 503, "PAYMENT_PROVIDER_UNAVAILABLE", "Service unavailable"
    message = "We can't reach the payment service right now. You haven't been charged. Please try again in a minute."
    retry_after = 30


class RateLimited(AppError):
    status, code, error = 429, "RATE_LIMITED", "Too many requests"
    message = "That's a lot of tries in a short time. Please wait a moment and try again."
    retry_after = 60


class CallInstead(AppError):
    """More than a stranger may do online; by phone it is still possible. Waiting a moment doesn't help."""

    status, code, error = 429, "CALL_INSTEAD", "Too many requests"
    message = "That's more than we can do online. Please call instead."
    retry_after = 3600


class PressAgain(AppError):
    """A program seems to have filled in the form. A person gets through by pressing the button again."""

    status, code, error = 422, "PRESS_AGAIN", "Looks like a program"
    message = "That looked as if a program filled in the form. Please press the button again, or call."


class ChallengeAsked(AppError):
    """The same, where a challenge is configured: they get through with its answer."""

    status, code, error = 422, "CHALLENGE_ASKED", "Looks like a program"
    message = "Please show that you are a person, then press the button again, or call."

    def __init__(self, *, script_url: str = "", site_key: str = "") -> None:
        super().__init__()
        self.challenge = {"script_url": script_url, "site_key": site_key}


class ServiceUnavailable(AppError):
    status, code, error = 503, "SERVICE_UNAVAILABLE", "Service unavailable"
    message = "We're having trouble right now. Please try again in a moment."
    retry_after = 5


class InternalError(AppError):
    pass


ALL_ERRORS: tuple[type[AppError], ...] = (
    ValidationFailed,
    MalformedRequest,
    UploadTooLarge,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    SlotUnavailable,
    DepositChanged,
    CallOutFee,
    BookingNotPayable,
    BookingNotChangeable,
    IdempotencyConflict,
    OutsideServiceArea,
    TradieNotBookable,
    PaymentProviderUnavailable,
    RateLimited,
    CallInstead,
    PressAgain,
    ChallengeAsked,
    ServiceUnavailable,
    InternalError,
)
