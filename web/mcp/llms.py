"""GET /llms.txt: how an assistant begins. Not there as long as no business lets assistants in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peepopay.errors import NotFound
from peepopay.methods import require_safe

from .finding import on
from .tools import TOOLS


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """Raises NotFound."""
    if not on().exists():
        raise NotFound
    context = {
        "tools": TOOLS.values(),
        "mcp_url": settings.SITE_URL + reverse("mcp"),
        "api_url": settings.SITE_URL + reverse("api_docs"),
    }
    return render(request, "llms.txt", context, content_type="text/plain; charset=utf-8")
