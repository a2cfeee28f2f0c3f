"""The booking widget: one static file, whoever the tradie is. It is the only page that may be framed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response

from peepopay.methods import require_safe
from web.customer.call_backs import call_back


@require_safe
def widget(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The same bytes for every slug, so an unknown one is the widget's to tell. 503 until it is built.

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
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
