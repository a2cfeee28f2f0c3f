"""Accidents on demand: Stripe hangs, answers 500 or 429, drops the connection, or some machine answers in its place."""

from __future__ import annotations

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

from .errors import StripeError


@dataclass
class Fault:
    """For requests whose "METHOD /path" matches `pattern`.

    `hang` seconds, then `reset` the connection or answer `status`, or else go on as usual. `page`: the answer is a page
    in HTML, as of a proxy in between, with `status` or 200. `after`: the request is carried out first and only its
    answer suffers. `times`: how many requests meet it; 0 means all of them.
    """

    pattern: str
    hang: float = 0.0
    status: int = 0
    reset: bool = False
    page: bool = False
    after: bool = False
    times: int = 1


NOTHING = Fault(pattern="")


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._over = threading.Event()

    def add(self, fault: Fault) -> None:
        re.compile(fault.pattern)
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Stripe is well again: what hangs goes on at once."""
        with self._lock:
            self._waiting.clear()
            self._over.set()
            self._over = threading.Event()

    def sit_out(self, fault: Fault) -> None:
        with self._lock:
            over = self._over
        if fault.hang:
            over.wait(fault.hang)

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def meet(self, method: str, path: str) -> Fault:
        """The first fault that waits for this request, counted down; NOTHING if there is none."""
        with self._lock:
            for fault in self._waiting:
                if re.search(fault.pattern, f"{method} {path}"):
                    if fault.times == 1:
                        self._waiting.remove(fault)
                    fault.times -= fault.times > 0
                    return fault
        return NOTHING


PAGE = b"<!DOCTYPE html><title>Please wait</title><p>The service is being looked after.</p>"
BODIES: dict[int, dict[str, str]] = {
    401: {"message": "Invalid API Key provided: sk_test_****demo"},
    409: {
        "message": "There is currently another in-progress request using this Idempotent Key. Please try again later.",
        "kind": "idempotency_error",
        "code": "idempotency_key_in_use",
    },
    429: {
        "message": "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.",
        "code": "rate_limit",
    },
}


def as_error(status: int) -> StripeError:
    """The body that Stripe sends with such a status."""
    kind = "api_error" if status >= 500 else "invalid_request_error"
    body: dict[str, Any] = {"message": "An unknown error occurred", "kind": kind} | BODIES.get(status, {})
    return StripeError(body.pop("message"), status=status, **body)
