"""The customer's secret for one booking.

The token is derived from the booking's id, so a replayed request and a mail written days later can carry it, while
the database holds only its SHA-256: whoever reads the table can open no booking.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac

from .models import Booking

TOKEN_BYTES = 18  # 144 bits, 24 characters
LONGEST_TOKEN = 64


def _derive(booking_id: object, secret: str | bytes) -> str:
    digest = salted_hmac("bookings.token", str(booking_id), secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token(booking_id: object) -> str:
    return _derive(booking_id, settings.SECRET_KEY)


def token_of(booking: Booking) -> str:
    """The token whose hash the booking carries; older secret keys are tried too, so links survive a key rotation."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _derive(booking.pk, secret)
        if hmac.compare_digest(hash_of(token), booking.token_hash):
            return token
    raise LookupError("no secret key gives this booking's token; is SECRET_KEY_FALLBACKS incomplete?")


def find_by_token(token: str) -> Booking | None:
    """The booking this token opens, with its tradie, or None."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return Booking.objects.select_related("tradie").filter(token_hash=hash_of(token)).first()
