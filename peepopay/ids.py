"""Ids as the API writes them, and as it takes them."""

from __future__ import annotations

import re
import uuid

_WRITTEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def id_in(text: str) -> uuid.UUID | None:
    """The UUID in its usual form; None for anything else, also for what Python would take besides (braces, `urn:`)."""
    return uuid.UUID(text) if _WRITTEN.fullmatch(text) else None
