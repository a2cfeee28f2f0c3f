"""Secrets for one link, derived from what the link is about.

A token can be made again for a mail that is written days later, while the database holds only its SHA-256: whoever
reads the table can open nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

from django.conf import settings
from django.utils.crypto import salted_hmac

TOKEN_BYTES = 18  # 144 bits, 24 characters
LONGEST_TOKEN = 64

Form = Callable[[bytes], str]  # from 32 bytes to what is shown


def as_token(digest: bytes) -> str:
    """For a link."""
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def as_key(digest: bytes) -> str:
    """For signing: all 32 bytes, in plain base64."""
    return base64.b64encode(digest).decode()


def new_token(purpose: str, about: str, form: Form = as_token) -> str:
    """The same for the same purpose and subject."""
    return form(_derive(purpose, about, settings.SECRET_KEY))


def hash_of(token: str) -> str:
    """What is stored, and looked for."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_with(token_hash: str, purpose: str, about: str, form: Form = as_token) -> str:
    """The token that has this hash; older secret keys are tried too, so that links survive a change of the key.

    Raises LookupError.
    """
    for secret in secret_keys():
        token = form(_derive(purpose, about, secret))
        if hmac.compare_digest(hash_of(token), token_hash):
            return token
    raise LookupError(f"no secret key gives this token of {purpose}; is SECRET_KEY_FALLBACKS incomplete?")


def secret_keys() -> tuple[str, ...]:
    """That of today, then older ones."""
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


def _derive(purpose: str, about: str, secret: str | bytes) -> bytes:
    return salted_hmac(purpose, about, secret=secret, algorithm="sha256").digest()
