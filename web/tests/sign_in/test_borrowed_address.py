"""Somebody signs up with an address that is another person's, before that person does."""

from __future__ import annotations

import re

from django.core.cache import caches

from accounts.models import User
from local.testing.account_mails import mailbox

from .visits import RESET, Visitor, code_in, mails_to

JO, THIEFS, JOS = "jo@example.com", "a thief's password", "another horse entirely"


def signed_up_by_a_thief() -> Visitor:
    thief = Visitor()
    thief.post("/accounts/signup/", {"email": JO, "password1": THIEFS})
    mailbox().clear()
    caches["default"].clear()  # it is some seconds later: one mail in ten leaves to confirm an address
    return thief


def signed_in_by_code() -> Visitor:
    jo, user = Visitor(), User.objects.get(email=JO)
    jo.ask_for_code(user)
    jo.enter_code(code_in(mails_to(user)[-1]))
    return jo


def password_of(thief: Visitor) -> bool:
    thief.try_password(JO, THIEFS)
    return thief.is_signed_in()


def test_nobody_gets_in_before_the_address_is_confirmed(db: None) -> None:
    thief = signed_up_by_a_thief()
    assert not thief.is_signed_in()
    assert not password_of(thief)


def test_the_password_of_a_stranger_is_void_once_the_owner_of_the_address_comes_by_code(db: None) -> None:
    thief = signed_up_by_a_thief()
    jo = signed_in_by_code()
    assert jo.get("/accounts/email/").status_code == 200
    assert not password_of(thief)
    assert not password_of(Visitor())


def test_or_by_a_reset(db: None) -> None:
    thief = signed_up_by_a_thief()
    jo = Visitor()
    jo.post(RESET, {"email": JO})
    link = re.search(r"http\S+", str(mailbox()[-1].body))
    assert link
    form = jo.get(link.group(), follow=True).redirect_chain[-1][0]
    assert jo.post(form, {"password1": JOS, "password2": JOS})["Location"] == "/accounts/confirm-email/"
    assert not password_of(thief)
    assert not password_of(Visitor())


def test_or_by_signing_up_as_well(db: None) -> None:
    thief, jo = signed_up_by_a_thief(), Visitor()
    jo.post("/accounts/signup/", {"email": JO, "password1": JOS})
    assert "/accounts/password/reset/" in mailbox()[-1].body
    assert not password_of(thief)
