"""The booking widget: one static file, whoever the tradie is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import orjson
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response

from accounts.profiles import profile_of
from peepopay.errors import NotFound
from peepopay.ids import id_in
from peepopay.methods import require_safe
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
    body = page.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    # Asked again each time: a page from before a deployment names files that are gone.
    response = HttpResponse(body, headers={"ETag": etag, "Cache-Control": "public, no-cache"})
    if slug:
        response["Link"] = fetched_early(slug, request.GET.get("service", ""))
    answer = cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
    return framed_on(_allowed_sites(slug), answer)


def _allowed_sites(slug: str) -> list[str]:
    """Of the business, as its profile says them; none where that can't be had: the widget asks the same once it is
    there, and the page opens whatever else is away."""
    try:
        profile = orjson.loads(profile_of(slug, profile_answer).body) if slug else {}
    except (NotFound, DatabaseError):
        return []
    sites: list[str] = profile.get("allowed_sites", [])
    return sites


def fetched_early(slug: str, service: str) -> str:
    """What the page's script asks for first, to be fetched while the script is on its way: the same address to the
    last letter (widget/src/api.ts). deploy/nginx/nginx.conf says it too."""
    address = f"{reverse('api_opening', args=[slug])}?service={id_in(service) or ''}"
    return f"<{address}>; rel=preload; as=fetch; crossorigin"
