"""On which websites a business lets its booking page stand."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MOST_SITES = 20
LONGEST_SITE = 200
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
AT_HOME = ("localhost", "127.0.0.1")


def origin_of(text: str) -> str:
    """The origin of an address as people write it. Raises ValueError.

    >>> origin_of("www.Joes-Plumbing.com.au/contact"), origin_of("https://shop.example:8443")
    ('https://www.joes-plumbing.com.au', 'https://shop.example:8443')
    """
    parts = urlsplit(text.strip() if "://" in text else f"https://{text.strip()}")
    host = (parts.hostname or "").encode("idna").decode().lower()
    is_at_home = host in AT_HOME
    if parts.scheme != "https" and not (parts.scheme == "http" and is_at_home):
        raise ValueError("only https")
    if parts.username is not None or not (is_at_home or HOST.fullmatch(host)):
        raise ValueError("no website")
    port = f":{parts.port}" if parts.port not in (None, 443 if parts.scheme == "https" else 80) else ""
    return f"{parts.scheme}://{host}{port}"
