"""Words on the screen of a phone, by the push service of its browser, which can't read them."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone

from peepopay import outbound

from ..push_encryption import encrypted, private_key_of, public_key_of, signature
from .errors import ChannelError
from .figures import counted

KEPT_SECONDS = 24 * 60 * 60  # by the push service, while the phone is off
GONE = {404, 410}
WORTH_A_RETRY = {408, 425, 429}


class Gone(ChannelError):
    """The phone's browser doesn't want it any more, or isn't there."""

    def __init__(self) -> None:
        super().__init__("The phone takes no more of them.", retry_helps=False)


class Keys(NamedTuple):
    """The phone's, as its browser gave them."""

    p256dh: str
    auth: str


@dataclass(frozen=True)
class Push:
    endpoint: str
    keys: Keys
    text: str
    url: str  # what a touch opens
    topic: str  # up to 32 letters: of one topic the push service keeps the last, and the phone shows the last
    is_urgent: bool = False  # wakes a phone that saves its battery


@counted("push")
def send(one: Push) -> None:
    """Hand it over. Raises ChannelError; Gone where nothing will ever arrive there."""
    shown = orjson.dumps({"text": one.text, "url": one.url, "tag": one.topic})
    key = _private_key(settings.VAPID_PRIVATE_KEY)
    contact = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    headers = {
        "Authorization": signature(one.endpoint, key, contact=contact, now=timezone.now()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Topic": one.topic,
        "Urgency": "high" if one.is_urgent else "normal",
    }
    try:
        answer = outbound.post(one.endpoint, encrypted(shown, **one.keys._asdict()), headers)
    except outbound.NotReached as problem:
        raise ChannelError(f"The push service wasn't reached. {problem}") from problem
    if answer.status in GONE:
        raise Gone
    if not 200 <= answer.status < 300:
        retry_helps = answer.status >= 500 or answer.status in WORTH_A_RETRY
        raise ChannelError(
            f"The push service answered {answer.status}.", retry_helps=retry_helps, is_denied=not retry_helps
        )


def public_key() -> str:
    """What browsers ask for before they let us write to them."""
    return public_key_of(_private_key(settings.VAPID_PRIVATE_KEY))


@cache
def _private_key(text: str) -> ec.EllipticCurvePrivateKey:
    return private_key_of(text)
