"""Who may have the pages that a business's customers use in a frame: the websites that it names, or if it names none
anybody. The booking page and the page of a booking are one in that: the second opens in the frame of the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from csp.constants import SELF
from django.conf import settings
from django.http.response import HttpResponseBase

from web.surfaces import origin

Answer = TypeVar("Answer", bound=HttpResponseBase)


def framed_on(sites: Sequence[str], response: Answer) -> Answer:
    """`response` as it goes out for a business that names these `sites`."""
    if sites:
        ancestors = [SELF, origin(settings.SITE_URL), *sites]
        response._csp_replace = {"frame-ancestors": ancestors}  # type: ignore[attr-defined]
    return response
