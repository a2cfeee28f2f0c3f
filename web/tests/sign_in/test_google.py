"""Signing in with Google: what Google answers, over HTTP, and whom that lets in."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.models import Tradie, User
from local.testing.cast import gave_password_again, make_user, owner_of
from web.sign_in.google import TAKEN, UNCONFIRMED

from .visits import Visitor, confirm

START, BACK, PAGE = "/accounts/google/login/", "/accounts/google/login/callback/", "/accounts/3rdparty/"
CLIENT = "407408718192.apps.googleusercontent.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
# As in https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
JO: dict[str, Any] = {
    "iss": "https://accounts.google.com",
    "azp": CLIENT,
    "aud": CLIENT,
    "sub": "10769150350006150715113082367",
    "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
    "email": "jo.builder@gmail.com",
    "email_verified": True,
    "name": "Jo Builder",
    "given_name": "Jo",
    "family_name": "Builder",
    "picture": "https://lh3.googleusercontent.com/a/ACg8ocJ=s96-c",
}


class FakeGoogle:
    """Its token endpoint, which answers one code with what `says` and `status` are."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.status = 200
        self.asked: list[dict[str, list[str]]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fake.asked.append(parse_qs(body))
                answer = json.dumps(fake.answer()).encode()
                self.send_response(fake.status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/token"

    def answer(self) -> dict[str, Any]:
        if self.status != 200:
            return {"error": "invalid_grant", "error_description": "Malformed auth code."}
        now = int(time.time())
        claims = {**JO, "iat": now, "exp": now + 3599, **self.says}
        return {
            "access_token": "ya29.a0AeXRPp4",
            "expires_in": 3599,
            "scope": "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "c37da75c9fbe18c2"}),
        }


@pytest.fixture
def google(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    """Switched on, and asked at an address of this machine."""
    fake = FakeGoogle()
    app = {"client_id": CLIENT, "secret": "GOCSPX-secret"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {**settings.SOCIALACCOUNT_PROVIDERS["google"], "APPS": [app]}
    }
    monkeypatch.setattr(GoogleOAuth2Adapter, "access_token_url", fake.url)
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


def set_out(visitor: Visitor, process: str = "login") -> dict[str, str]:
    """What Google is asked on the way there."""
    answer = visitor.post(f"{START}?process={process}")
    assert answer.status_code == 302, answer.status_code
    to = urlsplit(answer["Location"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == "https://accounts.google.com/o/oauth2/v2/auth"
    return {name: values[0] for name, values in parse_qs(to.query).items()}


def come_back(visitor: Visitor, state: str) -> Any:
    """As Google sends people back."""
    sent = {
        "state": state,
        "code": "4/0AVMBsJi",
        "scope": "email profile openid",
        "authuser": "0",
        "prompt": "none",
    }
    return visitor.get(BACK, sent, follow=True)


def go_through(visitor: Visitor, process: str = "login") -> str:
    """What the page then says."""
    page = come_back(visitor, set_out(visitor, process)["state"])
    return str(page.content.decode())


pytestmark = pytest.mark.django_db


def test_who_is_new_gets_an_account_and_comes_back_to_it(google: FakeGoogle) -> None:
    visitor = Visitor()
    asked = set_out(visitor)
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"].endswith(BACK)
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    come_back(visitor, asked["state"])
    (sent,) = google.asked
    assert (sent["code"], sent["grant_type"]) == (["4/0AVMBsJi"], ["authorization_code"])
    assert "code_verifier" in sent
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == (JO["email"], "Jo Builder", False)
    assert EmailAddress.objects.get().verified
    assert SocialAccount.objects.get().extra_data == {"email": JO["email"]}
    assert visitor.get("/dashboard/").status_code == 302  # to set a business up
    again = Visitor()
    go_through(again)
    assert again.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == 1


@pytest.mark.parametrize("says", [{}, {"email": "sam@plumbing.example", "hd": "plumbing.example"}])
def test_an_account_with_an_address_that_google_answers_for_is_connected(
    google: FakeGoogle, sam: Tradie, says: dict[str, str]
) -> None:
    google.says, user = says, owner_of(sam)
    confirm(user, {**JO, **says}["email"])
    visitor = Visitor()
    go_through(visitor)
    assert visitor.is_signed_in()
    assert SocialAccount.objects.get().user == user
    user.refresh_from_db()
    assert user.has_usable_password()


def test_one_that_google_does_not_answer_for_signs_in_as_usual_first(google: FakeGoogle, sam: Tradie) -> None:
    google.says, user = {"email": "sam@bigpond.example"}, owner_of(sam)
    confirm(user, "sam@bigpond.example")
    visitor = Visitor()
    assert TAKEN in go_through(visitor)
    assert not visitor.is_signed_in()
    visitor.force_login(user)
    gave_password_again(visitor, user)
    assert "Google is connected" in go_through(visitor, "connect")
    later = Visitor()
    go_through(later)
    assert later.is_signed_in()


def test_an_address_that_nobody_confirmed_here_opens_nothing(google: FakeGoogle, sam: Tradie) -> None:
    """Or whoever signed up with somebody else's address would share the account with them."""
    EmailAddress.objects.create(user=owner_of(sam), email=JO["email"], verified=False)
    visitor = Visitor()
    go_through(visitor)
    assert not SocialAccount.objects.filter(user=owner_of(sam)).exists()
    assert not visitor.is_signed_in()


def test_one_that_google_has_not_confirmed_opens_nothing(google: FakeGoogle, sam: Tradie) -> None:
    google.says = {"email_verified": False}
    confirm(owner_of(sam), JO["email"])
    visitor = Visitor()
    assert UNCONFIRMED.replace("'", "&#x27;") in go_through(visitor)
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_the_second_step_is_asked_for_all_the_same(google: FakeGoogle, sam: Tradie) -> None:
    user = confirm(owner_of(sam))
    SocialAccount.objects.create(user=user, provider="google", uid=JO["sub"])
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    visitor = Visitor()
    page = come_back(visitor, set_out(visitor)["state"])
    assert page.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert not visitor.is_signed_in()


@pytest.mark.parametrize(
    "says", [{"aud": "somebody-elses"}, {"iss": "https://accounts.example"}, {"exp": 1_700_000_000}]
)
def test_what_is_not_said_to_us_by_google_now_opens_nothing(google: FakeGoogle, says: dict[str, Any]) -> None:
    google.says, visitor = says, Visitor()
    assert "Google didn’t sign you in" in go_through(visitor)
    assert not User.objects.exists()


def test_a_refusal_and_a_change_of_mind_have_a_way_on(google: FakeGoogle) -> None:
    google.status, visitor = 400, Visitor()
    assert "Google didn’t sign you in" in go_through(visitor)
    state = set_out(visitor)["state"]
    page = visitor.get(BACK, {"error": "access_denied", "state": state}, follow=True)
    assert "You didn’t go on with Google" in page.content.decode()


def test_who_did_not_set_out_here_does_not_arrive(google: FakeGoogle) -> None:
    """Else somebody could sign others in to an account of their own."""
    state = set_out(Visitor())["state"]
    for wrong in (state, "", "x"):
        assert "Google didn’t sign you in" in come_back(Visitor(), wrong).content.decode()
    assert google.asked == []


def test_it_is_connected_to_one_and_can_be_taken_off(google: FakeGoogle, sam: Tradie) -> None:
    user, other = confirm(owner_of(sam)), confirm(make_user("pat@example.com"))
    SocialAccount.objects.create(user=other, provider="google", uid=JO["sub"], extra_data=JO)
    visitor = Visitor()
    visitor.force_login(user)
    gave_password_again(visitor, user)
    assert "signs somebody else in here" in go_through(visitor, "connect")
    SocialAccount.objects.update(user=user)
    assert JO["email"] in visitor.get(PAGE).content.decode()
    visitor.post(PAGE, {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


def test_who_has_no_other_way_in_keeps_it(google: FakeGoogle) -> None:
    visitor = Visitor()
    go_through(visitor)
    page = visitor.post(PAGE, {"account": SocialAccount.objects.get().pk})
    assert "Choose a password first" in page.content.decode()
    assert SocialAccount.objects.exists()


def test_a_link_only_asks(google: FakeGoogle) -> None:
    page = Visitor().get(START)
    assert page.status_code == 200
    assert "Sign in with Google?" in page.content.decode()


def test_the_button_is_there_once_there_are_keys(google: FakeGoogle, settings: Any) -> None:
    pages = ("/accounts/login/", "/accounts/signup/")
    for page in pages:
        assert f'action="{START}?process=login"' in Visitor().get(page).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {}}
    for page in pages:
        assert "Google" not in Visitor().get(page).content.decode()
    for address in (START, BACK):
        assert Visitor().get(address).status_code == 404
        assert Visitor().post(address).status_code == 404
