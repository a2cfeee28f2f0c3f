"""What works now, for people: `/status`. A customer or a tradie reads what they can do; programs ask `/health/all`.

It answers 200 whatever is down and within 3 s, and asks neither the session nor a row of the request's own connection.
Who comes within ten seconds of a look is told what it found, and nobody but one waits for the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import TimeoutError
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from payments import stripe_gateway
from peepopay import health, local_time
from peepopay.methods import require_safe

LOOK_AGAIN_AFTER_SECONDS = 10
ZONE = "Australia/Sydney"  # who asks is a stranger, so the zone is said


@dataclass(frozen=True)
class Line:
    """`state`: `working`, `delayed` or `down`. `advice`: what to do, unless it works."""

    what: str
    state: str = "working"
    advice: str = ""

    @property
    def word(self) -> str:
        return {"working": "Working", "delayed": "Delayed", "down": "Not working"}[self.state]


@dataclass(frozen=True)
class Found:
    lines: list[Line]
    at: datetime

    @property
    def headline(self) -> str:
        states = {line.state for line in self.lines}
        if "down" in states:
            return "Some things aren't working"
        return "Working, with delays" if "delayed" in states else "Everything is working"

    @property
    def checked(self) -> str:
        """`3:05 pm (AEDT, Sydney time)`"""
        return f"{local_time.clock(self.at, ZONE)} ({local_time.zone_label(self.at, ZONE)})"


class Kept:
    """The last look, shared by all who ask."""

    def __init__(self) -> None:
        self._found: Found | None = None
        self._due_at = float("-inf")
        self._looking = threading.Lock()

    def latest(self) -> Found:
        """Looks if it is time to; meanwhile others get what was found before, and only the very first wait."""
        if time.monotonic() >= self._due_at and self._looking.acquire(blocking=self._found is None):
            try:
                if time.monotonic() >= self._due_at:
                    self._found = Found(lines_of(look()), timezone.now())
                    self._due_at = time.monotonic() + LOOK_AGAIN_AFTER_SECONDS
            finally:
                self._looking.release()
        assert self._found
        return self._found


kept = Kept()
stripe = health.Looks(stripe=lambda: health.timed("stripe", stripe_gateway.probe))


def look() -> dict[str, bool]:
    """Each part and program -> whether it is well. All side by side, in little more than 2 s."""
    asked = stripe.at("stripe")
    checks = health.check("db", "rabbitmq", "workers")
    try:
        checks |= asked.result(timeout=0.1)
    except TimeoutError:
        checks["stripe"] = {"status": "unhealthy"}
    return {name: check["status"] == "healthy" for name, check in checks.items()}


def lines_of(well: Mapping[str, bool]) -> list[Line]:
    """What people can do; a part that isn't named is not well."""
    here, stripes = well.get("db", False), well.get("stripe", False)
    act = here and all(well.get(part, False) for part in ("rabbitmq", "relay", "worker"))
    return [
        line(
            "Booking a time",
            here,
            "Bookings can't be taken right now. Ring the business, or try again in a few minutes.",
        ),
        line(
            "Paying a deposit",
            here and stripes,
            "Deposits can't be paid right now. If you have just paid, don't pay again: you'll be told. Otherwise try "
            "again in a few minutes, or ring the business.",
        ),
        line(
            "Changing or cancelling a booking",
            here,
            "That can't be done online right now. If it is urgent, ring the business.",
        ),
        line(
            "Emails and texts",
            act and pulse(well, "messages"),
            "They come late. A booking that you were told is confirmed stands; you don't need to book again.",
            state="delayed",
        ),
        line(
            "Refunds",
            act and stripes and pulse(well, "webhooks"),
            "They go out late. None is lost, and you don't need to ask again.",
            state="delayed",
        ),
        line(
            "Dashboard for businesses",
            here,
            "It can't be opened right now. Your bookings are safe. Try again in a few minutes.",
        ),
    ]


def line(what: str, well: bool, advice: str, *, state: str = "down") -> Line:
    return Line(what) if well else Line(what, state, advice)


def pulse(well: Mapping[str, bool], queue: str) -> bool:
    """Without beat there is no pulse in any queue, and yet they may be worked on."""
    return well.get(f"queue {queue}", False) or not well.get("beat", False)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Not `render`: what that adds for templates would ask who is signed in."""
    answer = HttpResponse(render_to_string("status.html", {"found": kept.latest()}))
    answer["Cache-Control"] = f"public, max-age={LOOK_AGAIN_AFTER_SECONDS}"
    return answer
