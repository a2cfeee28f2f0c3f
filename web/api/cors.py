"""Which answers the pages of other sites may read: those of the public API."""

from __future__ import annotations

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PublicCors(CorsMiddleware):
    """The addresses are those of CORS_URLS_REGEX. Behind some of them, some answers are for the dashboard alone."""

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, "for_no_other_site", False):
            return response
        return super().add_response_headers(request, response)
