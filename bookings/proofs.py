"""What shows that somebody reads the mailbox, or holds the phone, that we wrote to about a booking.

The answer to whoever books carries the booking's token, and they may have typed anybody's address. So the links in our
mails and SMS carry a proof behind the token, another one in each.
"""

from __future__ import annotations

import base64

from django.utils.crypto import constant_time_compare, salted_hmac

from notifications.models import Channel
from peepopay.derived_tokens import secret_keys

from .models import Booking
from .tokens import token_of

PROOF_BYTES = 6  # 48 bits, 8 characters; guesses are limited by `TokenAttempts`
BETWEEN = "."


def link_token(booking: Booking, channel: str, recipient: str) -> str:
    """What a link in a message to the customer carries: opens the booking, and proves who was told of it."""
    return f"{token_of(booking)}{BETWEEN}{_proofs(booking, channel, recipient)[0]}"


def split(link_token: str) -> tuple[str, str]:
    """The token and the proof, which is empty in links from elsewhere."""
    token, _, proof = link_token.partition(BETWEEN)
    return token, proof


def _proofs(booking: Booking, channel: str, recipient: str) -> list[str]:
    """As made with the key of today, then with older ones, so that links survive a change of the key."""
    proved = f"{booking.pk}:{channel}:{recipient}"
    digests = (
        salted_hmac("bookings.acknowledgement", proved, secret=key, algorithm="sha256").digest()
        for key in secret_keys()
    )
    return [base64.urlsafe_b64encode(digest[:PROOF_BYTES]).decode() for digest in digests]


def proven(booking: Booking, proof: str) -> tuple[Channel, str] | None:
    """By which channel, at which address or number, whoever has this proof was told of the booking."""
    told = ((Channel.EMAIL, booking.customer_email), (Channel.SMS, booking.customer_phone))
    return next(
        (way for way in told if any(constant_time_compare(proof, right) for right in _proofs(booking, *way))),
        None,
    )
