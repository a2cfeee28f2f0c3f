"""The booking widget: one static file, whoever the tradie is."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response

from accounts.profiles import profile_of
from peepopay.errors import NotFound
from peepopay.ids import id_in
from peepopay.methods import require_safe
from web.api.opening import accent_in
from web.api.tradie_profile import profile_answer
from web.customer.call_backs import call_back
from web.customer.framing import framed_on


@require_safe
def widget(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The same bytes for every slug, so an unknown one is the widget's to tell; only who may frame it differs. 503
    until it is built.

    With `?call` the page that works without scripts: what the widget's own `<noscript>` leads to."""
    if slug and request.GET.get("call") == "":
        return call_back(request, slug=slug)
    page: Path = settings.WIDGET_DIR / "widget" / "index.html"
    if not page.is_file():
        return render(request, "bookings/widget_missing.html", status=503)
    built = as_built(page, page.stat().st_mtime_ns)
    encoding, body, etag = built.sent_to(request.headers.get("Accept-Encoding", ""))
    # Asked again each time: a page from before a deployment names files that are gone.
    response = HttpResponse(body, headers={"ETag": etag, "Cache-Control": "public, no-cache"})
    response["Vary"] = "Accept-Encoding"
    if encoding:
        response["Content-Encoding"] = encoding
    if slug:
        response["Link"] = fetched_early(slug, request.GET)
    answer = cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
    answer._csp_update = built.policy  # type: ignore[attr-defined]
    return framed_on(_allowed_sites(slug), answer)


@dataclass(frozen=True)
class Built:
    """The page with its script and its style sheet in it: `bodies` as (encoding, bytes, ETag), the smallest first;
    `policy`: what lets in just those (widget/scripts/inline.js says it to nginx)."""

    bodies: tuple[tuple[str, bytes, str], ...]
    policy: dict[str, list[str]]

    def sent_to(self, accepted: str) -> tuple[str, bytes, str]:
        known = {word.partition(";")[0].strip() for word in accepted.split(",")}
        return next(sent for sent in self.bodies if not sent[0] or sent[0] in known)


@lru_cache(maxsize=2)
def as_built(page: Path, changed_ns: int) -> Built:
    """`changed_ns`: when it was last written."""
    bodies = [
        (encoding, body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
        for encoding, ending in (("br", ".br"), ("gzip", ".gz"), ("", ""))
        if (file := page.with_name(page.name + ending)).is_file()
        for body in [file.read_bytes()]
    ]
    text = page.read_text()
    within = {
        "script-src": re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL),
        "style-src": re.findall(r"<style>(.*?)</style>", text, re.DOTALL),
    }
    policy = {directive: [_hash_of(part) for part in parts] for directive, parts in within.items() if parts}
    return Built(tuple(bodies), policy)


def _hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _allowed_sites(slug: str) -> list[str]:
    """Of the business, as its profile says them; none where that can't be had: the widget asks the same once it is
    there, and the page opens whatever else is away."""
    try:
        profile = orjson.loads(profile_of(slug, profile_answer).body) if slug else {}
    except (NotFound, DatabaseError):
        return []
    sites: list[str] = profile.get("allowed_sites", [])
    return sites


def fetched_early(slug: str, asked: QueryDict) -> str:
    """What the page's script asks for first, to be fetched while the script is on its way: the same address to the
    last letter (widget/src/api.ts). deploy/nginx/nginx.conf says it too."""
    service, accent = asked.get("service", ""), str(asked.get("accent", ""))
    query = {"service": str(id_in(service) or "")} | ({"accent": accent} if accent_in(accent) else {})
    return f"<{reverse('api_opening', args=[slug])}?{urlencode(query)}>; rel=preload; as=fetch; crossorigin"
