"""Files that are served as they lie there."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Pages are left to their views, which say what they may load and who may frame them."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.endswith(".html"):
            page: HttpResponseBase = self.get_response(request)
            return page
        return super().__call__(request)
