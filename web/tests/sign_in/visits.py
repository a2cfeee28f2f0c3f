"""People at the sign-in pages, each with a browser and an address of their own."""

from __future__ import annotations

import itertools
import re
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD

LOGIN, ASK, ENTER, RESET, LOGOUT = (
    f"/accounts/{path}/" for path in ("login", "login/code", "login/code/confirm", "password/reset", "logout")
)
_addresses = (f"203.0.{third}.{last}" for third, last in itertools.product(range(113, 250), range(1, 250)))


class Visitor(Client):
    """A browser with its own address. `visitor.sign_in(owner_of(sam))` says whether it worked."""

    def __init__(self, address: str = "", **extra: Any) -> None:
        super().__init__(REMOTE_ADDR=address or next(_addresses), **extra)

    def try_password(self, email: str, password: str, **extra: Any) -> Any:
        return self.post(LOGIN, {"login": email, "password": password}, **extra)

    def sign_in(self, user: User, password: str = PASSWORD) -> bool:
        self.try_password(user.email, password)
        return self.is_signed_in()

    def is_signed_in(self) -> bool:
        return bool(self.get("/dashboard/").status_code == 200)

    def ask_for_code(self, user: User) -> Any:
        return self.post(ASK, {"email": user.email})

    def enter_code(self, code: str) -> Any:
        return self.post(ENTER, {"code": code})


def confirm(user: User, email: str = "") -> User:
    """Their address is confirmed; `email` is a further one."""
    EmailAddress.objects.create(user=user, email=email or user.email, verified=True, primary=not email)
    return user


def refused_for_tries(response: Any) -> bool:
    return "a lot of tries" in response.content.decode()


def guess(times: int, email: str, **extra: Any) -> list[bool]:
    """Wrong passwords, each from an address of its own. -> whether each was refused unseen."""
    return [refused_for_tries(Visitor().try_password(email, f"wrong {n}", **extra)) for n in range(times)]


def attack(user: User) -> None:
    """The account's guesses are used up, and would be again."""
    assert guess(8, user.email)[-1]


def mails_to(user: User) -> list[Any]:
    return [message for message in mailbox() if message.to == [user.email]]


def code_in(message: Any) -> str:
    found = re.search(r"^[A-Z]{5}-[A-Z]{5}$", message.body, re.MULTILINE)
    assert found, message.body
    return found.group()
