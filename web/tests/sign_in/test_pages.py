"""The pages of sign-in speak as we do: none of allauth's own is shown, and each says how long what was sent works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.models import Tradie
from local.testing.account_mails import mailbox
from local.testing.cast import gave_password_again, owner_of

from .visits import RESET, Visitor, confirm

SIGN_UP = "/accounts/signup/"
NEW = {"email": "new@example.com", "password1": "a long enough one 7"}
ALLAUTH = Path(allauth.__file__).parent / "templates"
# What is switched off, what other templates are made of, and notices of changes, which are not sent.
NEVER_SHOWN = re.compile(
    r"phone|webauthn/signup|signup_by_passkey|trust|signup_closed|password_reset_code|/base|snippets/|_changed_|_confirm_"
    r"|_deleted_|password_set_|logged_in|mfa/email/|account/email/password_reset_message|_reset_subject"
    r"|email_change.html|email_confirmation_signup|email/password_changed|socialaccount/email/|login_redirect"
)


def test_no_words_of_allauths_are_shown() -> None:
    with_words = [
        path.relative_to(ALLAUTH).as_posix()
        for folder in ("account", "mfa", "socialaccount")
        for path in (ALLAUTH / folder).rglob("*.*")
        if re.search(r"{% (block)?trans", path.read_text())
    ]
    shown = [name for name in with_words if not NEVER_SHOWN.search(name)]
    assert len(shown) > 30
    ours = str(settings.BASE_DIR / "templates")
    assert [name for name in shown if not str(get_template(name).origin.name).startswith(ours)] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("email/", "Send a code to confirm it"),
        ("password/change/", "New password, once more"),
        ("password/reset/", "It works for three days."),
        ("password/reset/done/", "for three days. No mail after a minute?"),
        ("password/reset/key/1-x/", "older than three days"),
        ("logout/", "On this browser and on every other."),
        ("inactive/", "This account is closed"),
        ("2fa/", "It is off."),
        ("2fa/totp/activate/", "Scan this picture"),
        ("2fa/webauthn/", "nothing to remember"),
        ("2fa/webauthn/add/", "What you call it"),
    ],
)
def test_each_page_says_what_it_is_for(sam: Tradie, page: str, says: str) -> None:
    visitor, owner = Visitor(), confirm(owner_of(sam))
    if not page.startswith("password/reset"):
        visitor.force_login(owner)
        gave_password_again(visitor, owner)
    text = read(visitor.get(f"/accounts/{page}"))
    assert says in text
    assert not re.search(r"Email Address|Two-Factor|Authenticator App|Verif|Change Password|token", text)


def read(page: Any) -> str:
    shown = re.sub(r"<script.*?</script>", "", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", shown))


@pytest.mark.django_db
def test_a_code_is_sent_again_and_its_time_is_named(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "confirm_email": None,
    }  # one in 10 seconds
    visitor = Visitor()
    page = visitor.post(SIGN_UP, NEW, follow=True)
    text = page.content.decode()
    assert "It works for 15 minutes." in text
    assert 'form="send-again"' in text
    visitor.post("/accounts/confirm-email/", {"action": "resend"})
    first, second = (mail.body for mail in mailbox())
    assert "within 15 minutes" in first
    assert first == second  # so that whichever comes first is good


def test_a_forgotten_password_is_asked_for_again(sam: Tradie) -> None:
    page = Visitor().post(RESET, {"email": owner_of(sam).email}, follow=True)
    assert f'<a href="{RESET}">have it sent again</a>' in page.content.decode()


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("login", {"login": "sam@example.com", "password": "wrong"}),
        ("signup", {"email": "no address", "password1": "short"}),
        ("login/code", {"email": "no address"}),
        ("password/reset", {"email": "no address"}),
        ("email", {"action_add": "", "email": "no address"}),
        ("password/change", {"oldpassword": "wrong", "password1": "x"}),
        ("reauthenticate", {"password": "wrong"}),
        ("2fa/totp/activate", {"code": "1"}),
        ("2fa/webauthn/add", {"credential": "{}"}),
    ],
)
def test_what_is_refused_is_answered_as_on_every_other_page(
    sam: Tradie, page: str, sent: dict[str, str]
) -> None:
    visitor = Visitor()
    if not re.match(r"login|signup|password/reset", page):
        visitor.force_login(confirm(owner_of(sam)))
        if page != "reauthenticate":
            gave_password_again(visitor, owner_of(sam))
    visitor.get(f"/accounts/{page}/")
    refused = visitor.post(f"/accounts/{page}/", sent)
    assert refused.status_code == 400
    assert 'aria-invalid="true"' in refused.content.decode() or 'role="alert"' in refused.content.decode()
