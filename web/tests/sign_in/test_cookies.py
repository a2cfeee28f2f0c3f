"""What cookies hold: no address, no name, nothing that says who somebody is to whoever finds them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import pytest

from accounts.models import User
from local.authenticator import code_now
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD

from .visits import Visitor, code_in

NEW_PASSWORD = "another horse entirely"


class Collector(Visitor):
    """Keeps every cookie that any answer set: {name: [values]}."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, set[str]] = {}

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        for name, cookie in response.cookies.items():
            self.seen.setdefault(name, set()).add(cookie.value)
        return response


def readings(value: str) -> list[str]:
    """The cookie as it is, and whatever part of it is base64."""
    found = [value]
    for part in re.findall(r"[\w+/=-]{8,}", value):
        for decode in (base64.urlsafe_b64decode, base64.b64decode):
            try:
                found.append(decode(part + "=" * (-len(part) % 4)).decode("utf-8", "ignore"))
            except (binascii.Error, ValueError):
                continue
    return found


@pytest.fixture
def browser() -> Collector:
    return Collector()


def emailed_code() -> str:
    found = re.search(r"^[A-Z]{3,5}-[A-Z]{3,5}$", str(mailbox()[-1].body), re.MULTILINE)
    assert found, mailbox()[-1].body
    return found.group()


def test_no_cookie_of_any_step_of_signing_up_or_in_names_anybody(browser: Collector, db: None) -> None:
    email = "jenny.citizen@example.com"

    browser.post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    browser.get("/accounts/confirm-email/")
    browser.post("/accounts/confirm-email/", {"code": emailed_code()}, follow=True)
    user = User.objects.get(email=email)
    assert browser.get("/dashboard/set-up").status_code == 200
    browser.post("/accounts/logout/", follow=True)

    browser.try_password(email, "wrong")
    browser.try_password(email, PASSWORD)
    browser.post("/accounts/logout/", follow=True)

    browser.ask_for_code(user)
    browser.get("/accounts/login/code/confirm/")
    browser.enter_code(code_in(mailbox()[-1]))
    browser.get("/dashboard/set-up")

    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    browser.post("/accounts/email/", {"email": "jenny2.citizen@example.com", "action_add": ""}, follow=True)
    browser.post("/accounts/confirm-email/", {"code": emailed_code()}, follow=True)
    secret = browser.get("/accounts/2fa/totp/activate/").context["form"].secret
    browser.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}, follow=True)
    change = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    browser.post("/accounts/password/change/", change, follow=True)
    browser.post("/accounts/logout/", follow=True)

    browser.post("/accounts/password/reset/", {"email": email}, follow=True)
    link = re.search(r"http\S+", str(mailbox()[-1].body))
    assert link
    form = browser.get(link.group(), follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": PASSWORD, "password2": PASSWORD}, follow=True)

    assert set(browser.seen) == {"sessionid", "csrftoken", "known_browser"}
    for value in (value for values in browser.seen.values() for value in values):
        for reading in readings(value):
            assert "citizen" not in reading
            assert "example.com" not in reading
            assert str(user.pk) not in reading
            assert user.pk.hex not in reading


def test_the_words_for_signing_out_are_told_without_a_cookie(owner: User) -> None:
    visitor = Visitor()
    visitor.try_password(owner.email, PASSWORD)
    assert "messages" not in visitor.post("/accounts/logout/").cookies
    assert "You are signed out." in visitor.get("/accounts/login/").content.decode()
