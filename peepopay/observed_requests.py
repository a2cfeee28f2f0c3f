"""The outermost layer: every request gets its id, and what it came to is counted and noted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Histogram

from . import request_ids

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
SAFE = {"GET", "HEAD", "OPTIONS"}
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
SLOW_SECONDS = 2.0
OWN_QUESTION = "peepopay.own_question"  # in the environment of a request that nobody sent: web/warm_up.py
SECONDS = Histogram(
    "peepopay_http_request_seconds",
    "How long web took to answer.",
    ["route", "method", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16),
)


class ObservedRequests:
    """All are counted. A line in the log for what changes something, fails on our side, or is slow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id = request_ids.accepted(request.META.get("HTTP_X_REQUEST_ID"))
        with request_ids.under(request_id, lambda: route_of(request)):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            if OWN_QUESTION not in request.META:
                seconds_of(route_of(request), request.method or "", response.status_code).observe(seconds)
            if request.method not in SAFE or response.status_code >= 500 or seconds > SLOW_SECONDS:
                note(request, response.status_code, seconds)
        response[HEADER] = request_id
        return response


def seconds_of(route: str, method: str, status: int) -> Histogram:
    """By names of which there are few, whatever somebody sends."""
    return SECONDS.labels(route, method if method in METHODS else "other", f"{status // 100}xx")


def note(request: HttpRequest, status: int, seconds: float) -> None:
    """By the name of its route: an address may hold a customer's token."""
    route, milliseconds = route_of(request), round(seconds * 1000)
    fields = {"method": request.method, "route": route, "status": status, "ms": milliseconds}
    level = logging.WARNING if status >= 500 else logging.INFO
    logger.log(level, "%s %s %d %d ms", *fields.values(), extra={"fields": fields})


def route_of(request: HttpRequest) -> str:
    """As the address map writes it: `api/bookings/<id:booking_id>`."""
    return request.resolver_match.route if request.resolver_match else "unmatched"
