"""Passwords can't be guessed: five tries an account, ten an address, whatever the guesser writes into the request."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache

from accounts.models import User
from local.authenticator import code_now
from local.testing.cast import AUTHENTICATOR_KEY, PASSWORD, make_user

from .visits import Visitor, confirm, guess, refused_for_tries

FIVE_THEN_NO_MORE = [False] * 5 + [True] * 5


@pytest.fixture(params=["up", "down"])
def redis(request: pytest.FixtureRequest, settings: Any) -> str:
    if request.param == "down":
        gone = {**settings.CACHES["redis"], "LOCATION": "redis://127.0.0.1:1/0"}
        settings.CACHES = {**settings.CACHES, "redis": gone}
    return str(request.param)


def test_an_account_takes_five_guesses_from_wherever_they_come(owner: User, redis: str) -> None:
    assert guess(10, owner.email) == FIVE_THEN_NO_MORE


def test_an_address_may_guess_ten_times_at_whichever_accounts(owner: User, redis: str) -> None:
    guesser = Visitor()
    answers = [guesser.try_password(f"tradie{n}@example.com", "wrong") for n in range(12)]
    assert [refused_for_tries(answer) for answer in answers] == [False] * 10 + [True] * 2


def test_an_account_of_ones_own_with_a_second_step_buys_no_further_guesses(db: None) -> None:
    """allauth clears the counts of `login_failed` when a code of the app was right: those of the account alone."""
    mine, guesser = confirm(make_user("guesser@example.com")), Visitor()
    TOTP.activate(mine, AUTHENTICATOR_KEY)
    wrong = [guesser.try_password(f"tradie{n}@example.com", "wrong") for n in range(9)]
    guesser.try_password(mine.email, PASSWORD)
    guesser.post("/accounts/2fa/authenticate/", {"code": code_now(AUTHENTICATOR_KEY)})
    assert "_auth_user_id" in guesser.session
    guesser.cookies.clear()
    more = [guesser.try_password(f"tradie{n}@example.com", "wrong") for n in range(10, 14)]
    assert [refused_for_tries(answer) for answer in wrong + more] == [False] * 10 + [True] * 3


def test_an_unknown_account_answers_like_a_known_one(db: None) -> None:
    assert guess(10, "nobody@example.com") == FIVE_THEN_NO_MORE


def test_the_right_password_is_refused_too_once_the_guesses_are_used_up(owner: User) -> None:
    guess(5, owner.email)
    assert not Visitor().sign_in(owner)


def test_signing_in_is_not_counted_as_a_guess(owner: User) -> None:
    assert all(Visitor().sign_in(owner) for _ in range(7))


def test_the_port_in_the_host_makes_no_other_guesser(owner: User) -> None:
    answers = [
        Visitor().try_password(owner.email, "wrong", headers={"host": f"testserver:{8000 + n}"})
        for n in range(10)
    ]
    assert [refused_for_tries(answer) for answer in answers] == FIVE_THEN_NO_MORE


@pytest.mark.parametrize("proxies", [0, 1])
def test_forwarded_addresses_make_no_other_guesser(proxies: int, db: None, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    guesser, seen = Visitor("198.51.100.7"), ", 198.51.100.7" if proxies else ""
    answers = [
        guesser.try_password(
            f"a{n}@example.com", "wrong", headers={"x-forwarded-for": f"6.6.6.{n}, 7.7.7.{n}{seen}"}
        )
        for n in range(12)
    ]
    assert [refused_for_tries(answer) for answer in answers] == [False] * 10 + [True] * 2


def test_too_few_forwarded_addresses_break_nothing(owner: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    answer = Visitor().try_password(owner.email, "wrong", headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code == 400


def test_the_addresses_of_one_ipv6_network_are_one_guesser(db: None) -> None:
    answers = [
        Visitor(f"2001:db8:1:2::{n:x}").try_password(f"a{n}@example.com", "wrong") for n in range(1, 13)
    ]
    assert [refused_for_tries(answer) for answer in answers] == [False] * 10 + [True] * 2


def test_an_account_is_one_however_its_address_is_written(owner: User) -> None:
    confirm(owner, "sam@second.example.com")
    name, domain = owner.email.split("@")
    written = [f"{name}@{domain}", f"{name.upper()}@{domain}", f" {name}@{domain} ", "sam@second.example.com"]
    answers = [guess(1, email)[0] for email in written * 2]
    assert answers == [False] * 5 + [True] * 3


def test_letters_that_only_look_the_same_open_no_account(owner: User) -> None:
    alike = owner.email.replace("s", "\u017f").replace("i", "\u0131")
    Visitor().try_password(alike, PASSWORD)
    assert guess(5, owner.email) == [False] * 5


def test_counted_guesses_are_not_pushed_out_by_others(owner: User) -> None:
    guess(5, owner.email)
    for n in range(400):
        cache.set(f"zz{n}", n)
        cache.set(f"aa{n}", n)
    assert guess(1, owner.email) == [True]
