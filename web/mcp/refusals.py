"""Refusals that say what to do next."""

from __future__ import annotations

from typing import Any

from peepopay.api import as_app_error
from peepopay.api_outputs import error_answer
from peepopay.errors import AppError

CALL = "Tell the customer to call the business: its number is in find_services."
LATER = "Wait as many seconds as retry_after_seconds says and send the very same call again."
NEXT = {
    "VALIDATION_FAILED": "Correct the arguments named in `fields`, asking the customer where you don't know, and call"
    " again.",
    "MALFORMED_REQUEST": "Send the arguments as the input schema of the tool says.",
    "UPLOAD_TOO_LARGE": "Send less.",
    "UNAUTHORIZED": "Use the token that `hold` answered.",
    "FORBIDDEN": "Use the token that `hold` answered.",
    "NOT_FOUND": "Look it up again with find_services, and use the tradie and service that it answers.",
    "METHOD_NOT_ALLOWED": "Use one of the tools that tools/list names.",
    "SLOT_UNAVAILABLE": "Offer the customer one of the `alternatives`, or ask free_times again; ask terms for the new"
    " time, then hold it with a new idempotency_key.",
    "BOOKING_NOT_PAYABLE": "Ask free_times again, let the customer choose, and hold with a new idempotency_key.",
    "DEPOSIT_CHANGED": "Tell the customer the amount and why, as the message says; if they agree, hold again with it as"
    " deposit_cents.",
    "CALL_OUT_FEE": "Tell the customer the fee and why, as the message says; if they agree, hold again with it as"
    " call_out_fee_cents.",
    "BOOKING_NOT_CHANGEABLE": "Tell the customer what the message says, and give them the manage_url that `hold`"
    " answered.",
    "IDEMPOTENCY_CONFLICT": "For another booking use a new idempotency_key; to repeat one send the same arguments.",
    "TERMS_NOT_AGREED": "Ask again (`terms` before a hold, move and cancel without agreed_terms) and show the customer"
    " what it answers; when they agree call with its terms_id, and to hold with the same idempotency_key.",
    "OUTSIDE_SERVICE_AREA": "Ask find_services with the postcode of the job for businesses that work there.",
    "TRADIE_NOT_BOOKABLE": CALL,
    "PAYMENT_PROVIDER_UNAVAILABLE": LATER,
    "RATE_LIMITED": LATER,
    "CALL_INSTEAD": CALL,
    "PRESS_AGAIN": "Send the very same call again.",
    "CHALLENGE_ASKED": CALL,
    "SERVICE_UNAVAILABLE": LATER,
    "INTERNAL_ERROR": "Send the very same call again in a minute; if it fails again, "
    + CALL[0].lower()
    + CALL[1:],
}


class TermsNotAgreed(AppError):
    status, code, error = 409, "TERMS_NOT_AGREED", "Conflict"
    message = "These aren't the terms of this booking as they are now."


def refusal_of(problem: BaseException) -> dict[str, Any]:
    """{"code", "message", "next"}, with `fields`, `alternatives` and `retry_after_seconds` where there are any. What is
    unexpected is noted as one of the API's is, and told as INTERNAL_ERROR."""
    error = as_app_error(problem)
    answer = error_answer(error)
    told = {"code": error.code, "message": error.message, "next": NEXT[error.code]}
    more = {name: answer[name] for name in ("fields", "alternatives", "deposit_cents") if answer.get(name)}
    waits = {"retry_after_seconds": error.retry_after} if error.retry_after else {}
    return told | more | waits
