"""Which address a request comes from, behind a known number of proxies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

IPV6_PREFIX = 64  # a household or a server has at least so many addresses, and may change among them at will


def client_address(request: HttpRequest) -> str:
    """The address that our outermost trusted proxy saw; what a client writes into X-Forwarded-For itself is ignored.

    IPv6 by network: `2001:db8:1:2::/64`, so that limits count a household once.
    """
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str:
    """The same, from a WSGI environment."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(hops) >= proxies and hops[-proxies]:
            return counted_as(hops[-proxies])
    return counted_as(str(environ.get("REMOTE_ADDR", "")))


def counted_as(address: str) -> str:
    """An IPv6 address as its network, one that only wraps IPv4 as that, without a port; anything else as it is."""
    return _network_of(address) if ":" in address else address


@lru_cache(maxsize=4096)
def _network_of(written: str) -> str:
    host = written[1:].partition("]")[0] if written.startswith("[") else written
    if host.count(":") == 1:
        return host.partition(":")[0]
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return written
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))


def address_hash(request: HttpRequest) -> str:
    """The address as it may be stored: the same for the same address, and not to be turned back."""
    return salted_hmac("peepopay.client_address", client_address(request), algorithm="sha256").hexdigest()
