"""Stored answers of the availability endpoint, given before Django starts: a WSGI wrapper around it.

Most requests of the whole product are these, and most of their cost would be Django's. What is skipped by that is done
here: allowed hosts, https, limits per address, and headers. Those are computed once by Django's own layers, from
nothing that a client sent, and only the names listed here are used.
Whatever is unusual (a host not allowed, too many requests, Redis away) goes on to Django, as does every miss.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.http import parse_etags

from availability import slot_cache
from availability.slot_cache import Answer
from peepopay.client_address import address_in
from peepopay.errors import ValidationFailed
from peepopay.middleware import LONGEST_ADDRESS
from peepopay.throttling import allow_read
from web.surfaces import SurfaceHeaders

from . import stored_figures
from .availability import FRESHNESS
from .availability_query import Query, query_in

PREFIX = "/api/availability/"

# The layers whose headers every answer of the endpoint has, in the order of MIDDLEWARE, and those headers.
LAYERS = (CorsMiddleware, SecurityMiddleware, XFrameOptionsMiddleware, SurfaceHeaders)
COMMON_HEADERS = {
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-frame-options",
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class CachedAvailability:
    """Wraps a WSGI application; answers what the slot cache knows, passes on the rest."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.common_headers = lru_cache(common_headers)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        answer = stored_answer(environ)
        if answer is None:
            return self.application(environ, start_response)
        headers = self.common_headers("HTTP_ORIGIN" in environ, is_https(environ))
        if is_unchanged(environ.get("HTTP_IF_NONE_MATCH"), answer.etag):
            start_response("304 Not Modified", [*headers, ("Content-Length", "0"), ("ETag", answer.etag)])
            stored_figures.unchanged.note(time.perf_counter() - began)
            return []
        length = str(len(answer.body))
        own = [("Content-Type", "application/json"), ("Content-Length", length), ("ETag", answer.etag)]
        start_response("200 OK", [*headers, *own])
        stored_figures.given.note(time.perf_counter() - began)
        return [answer.body]


def stored_answer(environ: Environ) -> Answer | None:
    """The answer to an ordinary request that nothing speaks against. Counted against the limit only if there is one:
    what goes on to Django is counted there."""
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] != "GET" or not path.startswith(PREFIX):
        return None
    query_string = environ.get("QUERY_STRING", "")
    if len(path) + len(query_string) > LONGEST_ADDRESS:
        return None  # nothing so long is kept, neither here nor as a key in Redis
    query = ordinary_query(query_string)
    if query is None or not is_allowed_host(environ.get("HTTP_HOST", "")):
        return None
    if settings.SECURE_SSL_REDIRECT and not is_https(environ):
        return None
    answer = slot_cache.read(path[len(PREFIX) :], query.key)
    return answer if answer and allow_read(address_in(environ)) else None


def ordinary_query(query_string: str) -> Query | None:
    """None where the answer is one person's own, or a refusal."""
    if "%00" in query_string:
        return None
    try:
        query = query_in(query_string)
    except (ValidationFailed, SuspiciousOperation, UnicodeError):
        return None
    return None if query.is_personal else query


def common_headers(from_elsewhere: bool, https: bool) -> Headers:
    """What Django's layers add to an answer for a page of another origin, over https: computed by those layers."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PREFIX, "wsgi.input": BytesIO()}
    environ |= {"HTTP_ORIGIN": "https://elsewhere.example"} if from_elsewhere else {}
    forwarded, value = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
    environ |= {"wsgi.url_scheme": "http"} | ({forwarded: value} if https else {})
    handle: Any = lambda request: HttpResponse(headers=FRESHNESS)  # noqa: E731
    for layer in reversed(LAYERS):
        handle = layer(handle)
    answer = handle(WSGIRequest(environ))
    return [(name, value) for name, value in answer.items() if name.lower() in COMMON_HEADERS]


@lru_cache(maxsize=1024)
def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already has this answer. Proxies may have made the tag weak (`W/"..."`)."""
    given = parse_etags(if_none_match) if if_none_match else []
    return given == ["*"] or etag in (tag.removeprefix("W/") for tag in given)


@lru_cache(maxsize=256)
def is_allowed_host(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def is_https(environ: Environ) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return bool(environ[name].split(",")[0].strip() == value)
    return bool(environ["wsgi.url_scheme"] == "https")
