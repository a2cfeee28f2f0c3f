"""The first requests of a fresh worker, asked by itself: they take most of a second that no customer should wait.

They go the way of any request, so whatever is made on first use is made: the address map, serializers, templates,
connections to PostgreSQL and Redis, the numbering plan of phones. Nothing is booked and nobody signs in.
"""

from __future__ import annotations

import logging
import time
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.utils import timezone

from payments import stripe_gateway
from peepopay.observed_requests import OWN_QUESTION

from .api.fast_path import Application

logger = logging.getLogger(__name__)

NOBODY = "-"  # a slug that no tradie has
BOOKING = {
    "tradie": NOBODY,
    "service": "00000000-0000-0000-0000-000000000000",
    "start": "2100-01-01T08:00:00+11:00",
    "customer": {"name": "Nobody", "email": "nobody@example.com", "phone": "0412 345 678"},
    "address": {"line1": "1 Nowhere Street", "suburb": "Nowhere", "state": "NSW", "postcode": "2000"},
}
NO_TOKEN = {"HTTP_AUTHORIZATION": "Bearer -"}


def warm_up(application: Application) -> None:
    """Ask each kind of thing once. Never raises: a worker that can't be warmed serves all the same."""
    began = time.perf_counter()
    try:
        stripe_gateway.client()
        for question in _questions():
            if _ask(application, *question).startswith("503"):
                break  # the database is away, and every further question would wait for it
    except Exception:
        logger.exception("could not warm up")
    logger.info("ready after %.1f s of warming up", time.perf_counter() - began)


def _questions() -> list[tuple[str, str, Any, dict[str, str]]]:
    booking = f"/api/bookings/{BOOKING['service']}"
    return [
        ("GET", f"/api/tradies/{NOBODY}", None, {}),
        ("GET", f"/api/availability/{NOBODY}?month={timezone.now():%Y-%m}", None, {}),
        ("POST", "/api/bookings", BOOKING, {}),
        ("PATCH", booking, {"status": "confirmed"}, NO_TOKEN),
        ("POST", "/api/payments/intent", {"booking": BOOKING["service"]}, NO_TOKEN),
        ("GET", f"/book/{NOBODY}", None, {}),
        ("GET", "/accounts/login/", None, {}),
    ]


def _ask(application: Application, method: str, address: str, body: Any, headers: dict[str, str]) -> str:
    """The status line."""
    site = urlsplit(settings.SITE_URL)
    path, _, query = address.partition("?")
    raw = orjson.dumps(body) if body else b""
    forwarded, https = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": site.netloc,
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": BytesIO(raw),
        "wsgi.url_scheme": "http",
        OWN_QUESTION: True,  # not to be counted among those of customers
        **({forwarded: https} if site.scheme == "https" else {}),
        **headers,
    }
    started: list[str] = []
    answer = application(environ, lambda status, headers, *_: started.append(status))
    for _part in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()
    return started[0]
