"""Stored answers of the availability endpoint, given before Django starts: a WSGI wrapper around it.

Most requests of the whole product are these, and most of their cost would be Django's. What is skipped by that is done
here: allowed hosts, https, limits per address; CORS and security headers are those of Django's own last answer.
Whatever is unusual (another parameter, a host not allowed, too many requests, Redis away) goes on to Django.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from availability import slot_cache
from availability.slot_cache import Answer
from peepopay.client_address import address_in
from peepopay.throttling import allow_read

PREFIX = "/api/availability/"
ASKED_ALREADY = "peepopay.slot_cache_asked"  # in the WSGI environment: Django needn't look again

# Those of one answer alone; all others are the same for every answer of the endpoint.
OWN_HEADERS = {"content-type", "content-length", "etag", "date", "set-cookie"}

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KNOWN = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "month": re.compile(r"\d{4}-\d{2}", re.ASCII),
    "service": re.compile(f"(?:{UUID})?"),
    "postcode": re.compile(r"\d{0,4}", re.ASCII),
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class CachedAvailability:
    """Wraps a WSGI application; answers what the slot cache knows, passes on the rest."""

    def __init__(self, application: Application) -> None:
        self.application = application
        # (sent by a page of another origin, over https) -> headers of Django's last answer to such a request
        self.headers: dict[tuple[bool, bool], Headers] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        asked = ask(environ)
        if asked is None:
            return self.application(environ, start_response)
        kind = "HTTP_ORIGIN" in environ, is_https(environ)
        headers = self.headers.get(kind)
        answer = slot_cache.read(environ["PATH_INFO"][len(PREFIX) :], asked) if headers else None
        if headers is None or answer is None:
            environ[ASKED_ALREADY] = True
            return self.application(environ, self.learning(kind, start_response))
        return respond(environ, start_response, answer, headers)

    def learning(self, kind: tuple[bool, bool], start_response: StartResponse) -> StartResponse:
        """`start_response` that also remembers the headers of a full answer."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            if status.startswith("200"):
                self.headers[kind] = [header for header in headers if header[0].lower() not in OWN_HEADERS]
            return start_response(status, headers, *error)

        return start


def respond(
    environ: Environ, start_response: StartResponse, answer: Answer, headers: Headers
) -> Iterable[bytes]:
    if is_unchanged(environ.get("HTTP_IF_NONE_MATCH"), answer.etag):
        start_response("304 Not Modified", [*headers, ("Content-Length", "0"), ("ETag", answer.etag)])
        return ()
    length = str(len(answer.body))
    own = [("Content-Type", "application/json"), ("Content-Length", length), ("ETag", answer.etag)]
    start_response("200 OK", [*headers, *own])
    return (answer.body,)


def ask(environ: Environ) -> str | None:
    """The question of an ordinary request for availability that nothing speaks against; otherwise None."""
    if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith(PREFIX):
        return None
    asked = simple_question(environ.get("QUERY_STRING", ""))
    fine = asked is not None and is_allowed_host(environ.get("HTTP_HOST", ""))
    fine = fine and (is_https(environ) or not settings.SECURE_SSL_REDIRECT)
    return asked if fine and allow_read(address_in(environ)) else None


@lru_cache(maxsize=4096)
def simple_question(query: str) -> str | None:
    """The name under which the answer to a query string is stored; None for anything out of the ordinary."""
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    values = {name: unquote(value) for name, value in pairs}
    known = all(name in KNOWN and KNOWN[name].fullmatch(value) for name, value in values.items())
    when = values.get("date"), values.get("month")
    if not known or len(values) != len(pairs) or all(when) or not any(when):
        return None
    return slot_cache.question(when[0] or when[1] or "", values.get("service"))


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already has this answer. Proxies may have made the tag weak (`W/"..."`)."""
    return if_none_match is not None and (etag in if_none_match or if_none_match.strip() == "*")


@lru_cache(maxsize=256)
def is_allowed_host(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def is_https(environ: Environ) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return bool(environ[name].split(",")[0].strip() == value)
    return bool(environ["wsgi.url_scheme"] == "https")
