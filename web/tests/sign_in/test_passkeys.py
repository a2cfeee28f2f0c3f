"""Passkeys, as far as no browser is needed; with one: web/tests/browser/test_sign_in.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User
from local.testing.cast import gave_password_again, make_user

from .visits import Visitor

LOGIN = "/accounts/2fa/webauthn/login/"
GARBAGE: list[Any] = [
    *(None, 1, "x", [], {}, {"id": "a"}, {"response": None}, {"id": 1, "response": {"userHandle": 5}}),
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "!"}},
    {
        "id": "AA",
        "rawId": "AA",
        "type": "public-key",
        "response": {
            "clientDataJSON": "AA",
            "authenticatorData": "AA",
            "signature": "AA",
            "userHandle": "AA",
        },
    },
]


@pytest.mark.django_db
@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_is_no_passkey_signs_nobody_in_and_breaks_nothing(garbage: Any) -> None:
    visitor = Visitor()
    assert visitor.get(LOGIN, headers={"Accept": "application/json"}).status_code == 200
    page = visitor.post(LOGIN, {"credential": json.dumps(garbage)}, follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/"
    assert not visitor.is_signed_in()


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_is_no_passkey_is_not_added_nor_a_second_step(owner: User, garbage: Any) -> None:
    visitor = Visitor()
    visitor.force_login(owner)
    gave_password_again(visitor, owner)
    for page in ("add", "reauthenticate"):
        visitor.get(f"/accounts/2fa/webauthn/{page}/")
        answer = visitor.post(
            f"/accounts/2fa/webauthn/{page}/", {"credential": json.dumps(garbage), "passwordless": "on"}
        )
        assert answer.status_code in (400, 302)
    assert not Authenticator.objects.exists()


def test_whose_it_is_says_the_site_and_not_the_request(owner: User, settings: Any) -> None:
    settings.SITE_URL = "https://peepopay.test:8443"
    visitor = Visitor()
    visitor.force_login(owner)
    gave_password_again(visitor, owner)
    page = visitor.get("/accounts/2fa/webauthn/add/")
    asked = page.context["js_data"]["creation_options"]["publicKey"]
    assert (asked["rp"]["id"], asked["rp"]["name"]) == ("peepopay.test", "PeepoPay")


def test_nobody_touches_anothers(owner: User) -> None:
    other = make_user("other@example.com")
    passkey = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Theirs"})
    visitor = Visitor()
    visitor.force_login(owner)
    gave_password_again(visitor, owner)
    for page in ("edit", "remove"):
        assert visitor.get(f"/accounts/2fa/webauthn/keys/{passkey.pk}/{page}/").status_code == 404
        assert (
            visitor.post(f"/accounts/2fa/webauthn/keys/{passkey.pk}/{page}/", {"name": "Mine"}).status_code
            == 404
        )
