"""What people read who sign up, forget their password or mistype their address: ours, and how long it is worth."""

from __future__ import annotations

import re

import pytest

from accounts.models import Tradie
from local.testing.account_mails import mailbox
from local.testing.cast import owner_of

from .visits import ASK, RESET, Visitor, confirm

SIGN_UP = "/accounts/signup/"


@pytest.mark.parametrize(
    ("page", "known", "subject", "opens"),
    [
        (SIGN_UP, False, "Your code to confirm this address", r"^[A-Z0-9]{3,5}-?[A-Z0-9]{3,5}$"),
        (SIGN_UP, True, "You already have an account", r"^http\S+/accounts/password/reset/$"),
        (RESET, True, "Choose a new password", r"^http\S+/accounts/password/reset/key/\S+/$"),
        (RESET, False, "There is no account with this address", r"^http\S+/accounts/signup/$"),
        (ASK, True, "Your sign-in code", r"^[A-Z]{5}-[A-Z]{5}$"),
    ],
)
def test_each_mail_says_what_it_is_and_has_its_code_or_link_on_a_line_of_its_own(
    sam: Tradie, page: str, known: bool, subject: str, opens: str
) -> None:
    email = confirm(owner_of(sam)).email if known else "new-o'brien@example.com"
    Visitor().post(page, {"email": email, "password1": "a long enough one 7"})
    (mail,) = mailbox()
    assert (mail.to, mail.subject) == ([email], subject)
    assert len(re.findall(opens, mail.body, re.MULTILINE)) == 1, mail.body
    assert re.findall(r"&#|&amp;|PeepoPay!|database|user account", mail.body) == []


@pytest.mark.django_db
def test_the_page_that_asks_for_the_code_says_where_it_went() -> None:
    page = Visitor().post(
        SIGN_UP, {"email": "new@example.com", "password1": "a long enough one 7"}, follow=True
    )
    text = page.content.decode()
    assert "<strong>new@example.com</strong>" in text
    assert re.sub(r"\s+", " ", re.findall(r"<h1>(.*?)</h1>", text, re.DOTALL)[0]).strip() == (
        "Confirm your address"
    )
