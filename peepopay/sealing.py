"""Texts that rest in a table for a while and must not be read there: encrypted with a key made of SECRET_KEY.

The key is nowhere in the database, so a copy of a table opens nothing. What was sealed under an older key can be opened
as long as that is in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.utils.crypto import salted_hmac

from .derived_tokens import secret_keys


class Unreadable(Exception):
    """None of our keys opens it, or it was changed."""

    retry_helps = False


def seal(content: dict[str, Any], *, purpose: str) -> str:
    return _keys(purpose).encrypt(json.dumps(content).encode()).decode()


def unseal(sealed: str, *, purpose: str) -> dict[str, Any]:
    """Raises Unreadable."""
    try:
        content: dict[str, Any] = json.loads(_keys(purpose).decrypt(sealed))
    except InvalidToken as problem:
        raise Unreadable("No secret key opens it; is SECRET_KEY_FALLBACKS incomplete?") from problem
    return content


def _keys(purpose: str) -> MultiFernet:
    """A key of its own for each purpose; the newest seals."""
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secret_keys()])


def _key(purpose: str, secret: str) -> bytes:
    digest = salted_hmac("peepopay.sealing", purpose, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
