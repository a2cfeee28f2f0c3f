"""Answers that a browser may keep and ask about again."""

from __future__ import annotations

import hashlib
from typing import cast

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework.request import Request


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def fresh_answer(request: Request, body: bytes, etag: str, cache_control: str) -> HttpResponse:
    """JSON bytes with their ETag; 304 without them where the client has just these."""
    headers = {"ETag": etag, "Cache-Control": cache_control}
    response = HttpResponse(body, content_type="application/json", headers=headers)
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
