"""What only one phone can read (RFC 8291, in the form of RFC 8188), and who it is that sends (RFC 8292)."""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD_SIZE = 4096  # the most that push services take: https://www.rfc-editor.org/rfc/rfc8291#section-4
LAST_RECORD = b"\x02"
HELD_FOR = timedelta(hours=12)  # 24 are the most


def encrypted(
    text: bytes,
    *,
    p256dh: str,
    auth: str,
    ours: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a request with `Content-Encoding: aes128gcm`. `ours` and `salt` are new each time, but for who checks
    this against an example."""
    ours, salt = ours or ec.generate_private_key(CURVE), salt or os.urandom(16)
    theirs = require_keys(p256dh, auth)
    ours_said, theirs_said = _said(ours.public_key()), _said(theirs)
    shared = ours.exchange(ec.ECDH(), theirs)
    secret = _derived(shared, from_base64(auth), b"WebPush: info\0" + theirs_said + ours_said, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours_said)]) + ours_said
    return head + AESGCM(key).encrypt(nonce, text + LAST_RECORD, None)


def signature(endpoint: str, private_key: ec.EllipticCurvePrivateKey, *, contact: str, now: datetime) -> str:
    """The header that says to the push service of `endpoint` who we are, and whom to write to about it."""
    parts = urlsplit(endpoint)
    said = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + HELD_FOR).timestamp()),
        "sub": f"mailto:{contact}",
    }
    token = jwt.encode(said, private_key, algorithm="ES256")
    return f"vapid t={token}, k={as_base64(_said(private_key.public_key()))}"


def require_keys(p256dh: str, auth: str) -> ec.EllipticCurvePublicKey:
    """The phone's. Raises ValueError for what is none."""
    if len(from_base64(auth)) != 16:
        raise ValueError("auth has 16 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64(p256dh))


def private_key_of(text: str) -> ec.EllipticCurvePrivateKey:
    """From VAPID_PRIVATE_KEY: 32 bytes in base64. Raises ValueError."""
    number = base64.b64decode(text, validate=True)
    if len(number) != 32:
        raise ValueError("it has 32 bytes")
    return ec.derive_private_key(int.from_bytes(number, "big"), CURVE)


def public_key_of(private_key: ec.EllipticCurvePrivateKey) -> str:
    """As browsers take it: `applicationServerKey`."""
    return as_base64(_said(private_key.public_key()))


def as_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    """As browsers write it, with or without padding. Raises ValueError."""
    plain = text.rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)


def _said(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
