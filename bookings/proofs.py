"""What shows that somebody reads the mailbox, or holds the phone, that we wrote to about a booking.

The answer to whoever books carries the booking's token, and they may have typed anybody's address. So the links in our
mails and SMS carry a proof behind the token, another one in each.
"""

from __future__ import annotations

import base64

from django.utils.crypto import constant_time_compare, salted_hmac

from notifications.models import Channel

from .models import Booking
from .tokens import token_of

PROOF_BYTES = 6  # 48 bits, 8 characters; guesses are limited by `TokenAttempts`
BETWEEN = "."


def link_token(booking: Booking, channel: str, recipient: str) -> str:
    """What a link in a message to the customer carries: opens the booking, and proves who was told of it."""
    return f"{token_of(booking)}{BETWEEN}{_proof(booking, channel, recipient)}"


def split(link_token: str) -> tuple[str, str]:
    """The token and the proof, which is empty in links from elsewhere."""
    token, _, proof = link_token.partition(BETWEEN)
    return token, proof


def _proof(booking: Booking, channel: str, recipient: str) -> str:
    proved = f"{booking.pk}:{channel}:{recipient}"
    digest = salted_hmac("bookings.acknowledgement", proved, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:PROOF_BYTES]).decode()


def proven(booking: Booking, proof: str) -> tuple[Channel, str] | None:
    """By which channel, at which address or number, whoever has this proof was told of the booking."""
    told = ((Channel.EMAIL, booking.customer_email), (Channel.SMS, booking.customer_phone))
    return next((way for way in told if constant_time_compare(proof, _proof(booking, *way))), None)
