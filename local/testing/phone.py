"""A phone whose browser gave us what we reach it by: with keys of its own, and a push service that keeps what comes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone

from accounts.browser_models import SignedInBrowser
from accounts.models import Membership
from local.testing.receiver import HOME, Got, Receiver
from notifications.phones import tell_phone
from notifications.push_encryption import as_base64, from_base64
from notifications.push_models import PushSubscription

VAPID_KEY = "q1dXpw3UpT5VOmu/cf/v6ih07Aems3njxI+JWgLcM94="


@dataclass
class Phone:
    service: Receiver
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def given(self) -> dict[str, str]:
        """As its browser says it."""
        said = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        endpoint = f"https://{HOME}:{self.service.port}/{self.auth.hex()}"
        return {"endpoint": endpoint, "p256dh": as_base64(said), "auth": as_base64(self.auth)}

    @property
    def shown(self) -> list[str]:
        """What its owner has read."""
        return [self.reads(got)["text"] for got in self.got]

    @property
    def got(self) -> list[Got]:
        return [got for got in self.service.got if got.path.endswith(self.auth.hex())]

    def reads(self, got: Got) -> dict[str, str]:
        said: dict[str, str] = json.loads(
            http_ece.decrypt(got.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        )
        return said


def turn_on(phone: Phone, member: Membership, session_key: str) -> PushSubscription:
    """As a press on it does, by somebody who is signed in there with that session."""
    browser, _ = SignedInBrowser.objects.get_or_create(
        session_key=session_key, defaults={"user": member.user, "signed_in_at": timezone.now()}
    )
    tell_phone(member, session_key=browser.session_key, **phone.given, now=timezone.now())
    return PushSubscription.objects.get(browser=browser)


def signed_in() -> str:
    """The key of a new session."""
    made = import_module(settings.SESSION_ENGINE).SessionStore()
    made.create()
    return str(made.session_key)


def who_sent(got: Got) -> dict[str, Any]:
    """What we swear to a push service, checked with the key that stands beside it. Raises jwt's errors."""
    scheme, _, rest = got.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(parts["k"]))
    said: dict[str, Any] = jwt.decode(parts["t"], key, ["ES256"], options={"verify_aud": False})
    return said | {"key": parts["k"]}
