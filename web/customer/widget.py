"""The booking widget: one static file, whoever the tradie is. It is the only page that may be framed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.clickjacking import xframe_options_exempt

from peepopay.methods import require_safe


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def content_security_policy() -> dict[str, list[str]]:
    """What Stripe.js needs (https://docs.stripe.com/security/guide#content-security-policy), and nothing else."""
    stripe_js, stripe_api = origin(settings.STRIPE_JS_URL), origin(settings.STRIPE_API_BASE)
    parts = ["https://*.js.stripe.com"] if stripe_js == "https://js.stripe.com" else []
    return {
        "default-src": [SELF],
        "script-src": [SELF, stripe_js, *parts],
        "frame-src": [stripe_js, *parts, "https://hooks.stripe.com"],
        "connect-src": [SELF, stripe_api, *parts],
        "img-src": [SELF, "data:", "https:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": ["*"],
    }


@require_safe
@xframe_options_exempt
@csp_replace(content_security_policy())
def widget(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The same bytes for every slug, so an unknown one is the widget's to tell. 503 until it is built."""
    page: Path = settings.WIDGET_DIR / "widget" / "index.html"
    if not page.is_file():
        return render(request, "bookings/widget_missing.html", status=503)
    body = page.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    # Asked again each time: a page from before a deployment names files that are gone.
    response = HttpResponse(body, headers={"ETag": etag, "Cache-Control": "public, no-cache"})
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
