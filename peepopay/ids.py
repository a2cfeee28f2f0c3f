"""Ids as the API writes them, and as it takes them."""

from __future__ import annotations

import re
import uuid

_WRITTEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class IdConverter:
    """In an address, `<id:booking_id>`: as `id_in`, where Django's own takes small letters alone."""

    regex = f"(?i:{_WRITTEN.pattern})"

    def to_python(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)

    def to_url(self, value: uuid.UUID | str) -> str:
        return str(value)


def id_in(text: str) -> uuid.UUID | None:
    """The UUID in its usual form; None for anything else, also for what Python would take besides (braces, `urn:`)."""
    return uuid.UUID(text) if _WRITTEN.fullmatch(text) else None
