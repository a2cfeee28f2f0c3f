"""Which address a request comes from, behind a known number of proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def client_address(request: HttpRequest) -> str:
    """The address that our outermost trusted proxy saw; what a client writes into X-Forwarded-For itself is ignored."""
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str:
    """The same, from a WSGI environment."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(hops) >= proxies and hops[-proxies]:
            return str(hops[-proxies])
    return str(environ.get("REMOTE_ADDR", ""))


def address_hash(request: HttpRequest) -> str:
    """The address as it may be stored: the same for the same address, and not to be turned back."""
    return salted_hmac("peepopay.client_address", client_address(request), algorithm="sha256").hexdigest()
