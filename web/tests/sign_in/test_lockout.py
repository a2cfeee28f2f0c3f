"""Guessing without end keeps nobody out of their own account: not in a browser it knows, and not by code or reset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Tradie, User
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD, owner_of
from web.sign_in import codes
from web.sign_in.known_browser import COOKIE

from .visits import ASK, ENTER, RESET, Visitor, attack, code_in, confirm, guess, mails_to, refused_for_tries

NEW_PASSWORD = "another horse entirely"


@pytest.fixture
def known(owner: User) -> Visitor:
    """Sam's phone: signed in once, then signed out."""
    phone = Visitor()
    assert phone.sign_in(owner)
    phone.post("/accounts/logout/")
    return phone


# ---- a known browser


def test_from_a_known_browser_the_owner_signs_in_while_others_guess(owner: User, known: Visitor) -> None:
    attack(owner)
    assert not Visitor().sign_in(owner)
    assert known.sign_in(owner)


def test_even_when_the_guesser_sits_at_the_owners_own_address(owner: User, known: Visitor) -> None:
    neighbour = Visitor(known.defaults["REMOTE_ADDR"])
    answers = [neighbour.try_password(owner.email, "wrong") for _ in range(35)]
    assert refused_for_tries(answers[-1])
    assert known.sign_in(owner)


def test_guesses_from_a_known_browser_have_an_end_of_their_own(owner: User, known: Visitor) -> None:
    answers = [known.try_password(owner.email, "wrong") for _ in range(7)]
    assert [refused_for_tries(answer) for answer in answers] == [False] * 5 + [True] * 2
    assert Visitor().sign_in(owner)


def test_a_browser_is_known_to_those_who_signed_in_with_it_only(owner: User, alex: Tradie) -> None:
    theirs = Visitor()
    assert theirs.sign_in(confirm(owner_of(alex)))
    theirs.post("/accounts/logout/")
    attack(owner)
    assert not theirs.sign_in(owner)


def test_two_people_may_share_a_browser(owner: User, known: Visitor, alex: Tradie) -> None:
    assert known.sign_in(confirm(owner_of(alex)))
    known.post("/accounts/logout/")
    attack(owner)
    attack(owner_of(alex))
    assert known.sign_in(owner)
    known.post("/accounts/logout/")
    assert known.sign_in(owner_of(alex))


@pytest.mark.parametrize("value", ["", "x", "WyJhIl0:1abc:invented", "é", "x" * 4_000])
def test_an_invented_cookie_makes_no_browser_known(value: str, owner: User) -> None:
    inventor = Visitor()
    inventor.cookies[COOKIE] = value
    attack(owner)
    assert not inventor.sign_in(owner)


def test_a_new_password_makes_every_browser_unknown_but_the_one_it_was_chosen_in(
    owner: User, known: Visitor
) -> None:
    tablet = Visitor()
    assert tablet.sign_in(owner)
    changed = tablet.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert changed.status_code == 302
    tablet.post("/accounts/logout/")
    attack(owner)
    owner.refresh_from_db()
    assert not known.sign_in(owner, NEW_PASSWORD)
    assert tablet.sign_in(owner, NEW_PASSWORD)


def test_a_browser_stays_known_when_the_secret_key_is_replaced(
    owner: User, known: Visitor, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    attack(owner)
    assert known.sign_in(owner)
    settings.SECRET_KEY_FALLBACKS = []  # by now the cookie has the new key's mark
    known.post("/accounts/logout/")
    attack(owner)
    assert known.sign_in(owner)


def test_the_cookie_is_for_sign_in_alone_and_names_nobody(owner: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    answer = Visitor().try_password(owner.email, PASSWORD)
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["max-age"]) == ("/accounts/", 365 * 24 * 3600)
    assert str(owner.pk) not in cookie.value
    assert owner.email not in cookie.value


def test_half_a_sign_in_makes_no_browser_known(owner: User) -> None:
    assert COOKIE not in Visitor().try_password(owner.email, "wrong").cookies
    stranger = User.objects.create_user("new@example.com", PASSWORD)  # has not confirmed the address
    assert COOKIE not in Visitor().try_password(stranger.email, PASSWORD).cookies


# ---- a code by e-mail


def test_the_sign_in_page_offers_the_code(client: Any, db: None) -> None:
    assert f'href="{ASK}"' in client.get("/accounts/login/").content.decode()


def test_the_owner_signs_in_with_a_code_while_others_guess(owner: User) -> None:
    attack(owner)
    laptop = Visitor()
    assert laptop.ask_for_code(owner)["Location"] == ENTER
    assert laptop.enter_code(code_in(mails_to(owner)[-1])).status_code == 302
    assert laptop.is_signed_in()
    laptop.post("/accounts/logout/")
    assert laptop.sign_in(owner)  # it is a known browser now


def test_whoever_uses_up_the_mails_of_an_hour_does_not_keep_the_owner_without_a_code(owner: User) -> None:
    for _ in range(30):
        assert Visitor().ask_for_code(owner)["Location"] == ENTER
    assert len(mails_to(owner)) <= 2 * codes.MAILS_PER_CODE  # the hour may have turned in between
    laptop = Visitor()
    laptop.ask_for_code(owner)
    laptop.enter_code(code_in(mails_to(owner)[-1]))
    assert laptop.is_signed_in()


def test_a_code_opens_one_session(owner: User) -> None:
    laptop, thief = Visitor(), Visitor()
    thief.ask_for_code(owner)
    laptop.ask_for_code(owner)
    code = code_in(mails_to(owner)[-1])
    laptop.enter_code(code)
    assert laptop.is_signed_in()
    assert "has been used" in thief.enter_code(code).content.decode()
    assert not thief.is_signed_in()


def test_after_signing_in_there_is_a_new_code_and_a_mail_for_it(owner: User) -> None:
    for _ in range(3):
        laptop = Visitor()
        laptop.ask_for_code(owner)
        laptop.enter_code(code_in(mails_to(owner)[-1]))
        assert laptop.is_signed_in()
    assert len({code_in(message) for message in mails_to(owner)}) == 3


def test_a_code_can_be_tried_three_times(owner: User) -> None:
    laptop = Visitor()
    laptop.ask_for_code(owner)
    answers = [laptop.enter_code("BBBBB-BBBBB") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 302]
    laptop.enter_code(code_in(mails_to(owner)[-1]))
    assert not laptop.is_signed_in()


def test_an_address_may_ask_for_twenty_codes_a_minute(owner: User) -> None:
    answers = [Visitor("198.51.100.7").ask_for_code(owner).status_code for _ in range(22)]
    assert answers == [302] * 20 + [400] * 2


def test_the_code_of_an_account_changes_with_the_hour_the_password_and_each_sign_in(owner: User) -> None:
    now = datetime(2027, 1, 14, 8, 30, tzinfo=UTC)
    first = codes.code_for(owner, now=now)
    assert re.fullmatch(f"[{codes.LETTERS}]{{5}}-[{codes.LETTERS}]{{5}}", first)
    assert codes.code_for(owner, now=now + timedelta(minutes=29)) == first
    later = codes.code_for(owner, now=now + timedelta(minutes=30))
    owner.last_login = timezone.now()
    signed_in = codes.code_for(owner, now=now)
    owner.set_password(NEW_PASSWORD)
    assert len({first, later, signed_in, codes.code_for(owner, now=now)}) == 4


# ---- nobody is bombed, and nobody learns who has an account


def test_asking_for_a_code_tells_nothing_about_the_address(owner: User) -> None:
    def asked(email: str) -> tuple[int, str, str]:
        visitor = Visitor()
        answer = visitor.post(ASK, {"email": email})
        page = visitor.get(ENTER).content.decode().replace(email, "?")
        return (
            answer.status_code,
            answer["Location"],
            re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page),
        )

    assert asked(owner.email) == asked("nobody@example.com")
    assert [message.to for message in mailbox()] == [[owner.email], ["nobody@example.com"]]


@pytest.mark.parametrize(
    ("path", "field"), [(ASK, "email"), (RESET, "email"), ("/accounts/signup/", "email")]
)
def test_a_stranger_is_mailed_four_times_a_day_at_most(path: str, field: str, db: None) -> None:
    for _ in range(12):
        Visitor().post(path, {field: "stranger@example.com", "password1": NEW_PASSWORD})
    assert 0 < len(mailbox()) <= 4
    for other in (ASK, RESET, "/accounts/signup/"):
        Visitor().post(other, {"email": "Stranger@example.com", "password1": NEW_PASSWORD})
    assert len(mailbox()) <= 4


def test_a_stranger_with_many_ways_to_write_one_mailbox_is_mailed_no_more(db: None) -> None:
    for number in range(12):
        Visitor().post(RESET, {"email": f"stranger+{number}@example.com"})
    assert len(mailbox()) == 4


def test_an_owner_is_mailed_five_resets_a_day_at_most_and_any_of_them_opens_the_account(owner: User) -> None:
    for _ in range(12):
        assert Visitor().post(RESET, {"email": owner.email})["Location"] == "/accounts/password/reset/done/"
    assert len(mails_to(owner)) == 5
    attack(owner)
    link = re.search(r"http\S+", mails_to(owner)[0].body)
    assert link
    laptop = Visitor()
    form = laptop.get(link.group(), follow=True).redirect_chain[-1][0]
    laptop.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert laptop.is_signed_in()


def test_links_in_mails_lead_to_our_own_address(owner: User) -> None:
    for path in (ASK, RESET):
        for email in (owner.email, "nobody@example.com"):
            Visitor().post(path, {"email": email}, headers={"host": "testserver:6666"})
    assert len(mailbox()) == 4
    assert not [message.body for message in mailbox() if "6666" in message.body + message.subject]
    assert sum("http://testserver/accounts/" in message.body for message in mailbox()) == 3


def test_guesses_at_codes_and_passwords_do_not_add_up(owner: User) -> None:
    laptop = Visitor()
    laptop.ask_for_code(owner)
    laptop.enter_code("BBBBB-BBBBB")
    assert guess(5, owner.email) == [False] * 5
