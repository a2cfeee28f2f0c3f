"""Only the phone can read what is sent to it, and its push service knows that it comes from us."""

from __future__ import annotations

import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications.push_encryption import (
    as_base64,
    encrypted,
    from_base64,
    private_key_of,
    public_key_of,
    require_keys,
)

# The example of https://www.rfc-editor.org/rfc/rfc8291#section-5 and its appendix A.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard_comes_out_to_the_byte() -> None:
    ours = ec.derive_private_key(int.from_bytes(from_base64(OURS), "big"), ec.SECP256R1())
    text = b"When I grow up, I want to be a watermelon"
    made = encrypted(text, p256dh=P256DH, auth=AUTH, ours=ours, salt=from_base64(SALT))
    assert as_base64(made) == BODY


@pytest.mark.parametrize("length", [0, 1, 3_000])
def test_somebody_elses_library_reads_it(length: int) -> None:
    key, auth, text = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), os.urandom(length)
    said = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    made = encrypted(text, p256dh=as_base64(said), auth=as_base64(auth))
    assert http_ece.decrypt(made, private_key=key, auth_secret=auth, version="aes128gcm") == text
    assert len(made) == length + 103  # of 4,096 that push services take


@pytest.mark.parametrize(
    ("p256dh", "auth"), [("", AUTH), (P256DH, ""), (P256DH, "AAAA"), (P256DH[:-4], AUTH), ("ü", AUTH)]
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):
        require_keys(p256dh, auth)


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "!" * 44])
def test_what_is_no_key_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        private_key_of(text)


def test_browsers_get_the_public_half_as_they_take_it() -> None:
    said = from_base64(public_key_of(ec.generate_private_key(ec.SECP256R1())))
    assert (len(said), said[0]) == (65, 4)
