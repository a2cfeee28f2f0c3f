"""Where somebody is signed in, and signing out there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches

from accounts.browser_models import SignedInBrowser
from accounts.models import Tradie, User
from local.testing.cast import PASSWORD, make_user
from web.sign_in.sessions import NOT_NOW, name_of

from .visits import LOGOUT, Visitor, confirm

PAGE = "/accounts/sessions/"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
    " Mobile/15E148 Safari/604.1"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (PHONE, "Safari on an iPhone"),
        (DESK, "Chrome on Windows"),
        (f"{DESK} Edg/141.0.0.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on a Mac",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0"
            " Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_browsers_are_called_what_people_call_them(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name


@pytest.fixture
def desk(owner: User) -> Visitor:
    return signed_in(owner, DESK)


@pytest.fixture
def phone(owner: User) -> Visitor:
    return signed_in(owner, PHONE)


def signed_in(user: User, user_agent: str) -> Visitor:
    visitor = Visitor(HTTP_USER_AGENT=user_agent)
    assert visitor.sign_in(user)
    return visitor


def listed(visitor: Visitor) -> list[str]:
    sessions = visitor.get(PAGE).context["sessions"]
    return [f"{name}{' (here)' if is_here else ''}" for _, name, is_here in sessions]


def end(visitor: Visitor, row: SignedInBrowser) -> Any:
    return visitor.post(f"{PAGE}{row.pk}/end", follow=True)


def test_each_is_named_and_this_one_is_first(desk: Visitor, phone: Visitor) -> None:
    assert listed(desk) == ["Chrome on Windows (here)", "Safari on an iPhone"]
    assert listed(phone) == ["Safari on an iPhone (here)", "Chrome on Windows"]


def test_one_is_ended_and_the_others_go_on(desk: Visitor, phone: Visitor) -> None:
    page = end(desk, SignedInBrowser.objects.get(user_agent=PHONE))
    assert "Signed out of Safari on an iPhone." in page.content.decode()
    assert (desk.is_signed_in(), phone.is_signed_in()) == (True, False)
    assert listed(desk) == ["Chrome on Windows (here)"]


def test_none_comes_back_from_a_copy_in_the_cache(desk: Visitor, phone: Visitor) -> None:
    assert phone.is_signed_in()
    end(desk, SignedInBrowser.objects.get(user_agent=PHONE))
    caches["redis"].clear()
    assert not phone.is_signed_in()


def test_while_the_cache_is_away_it_says_so_and_ends_none(
    desk: Visitor, phone: Visitor, settings: Any
) -> None:
    row = SignedInBrowser.objects.get(user_agent=PHONE)
    settings.CACHES = {
        **settings.CACHES,
        "redis": {**settings.CACHES["redis"], "LOCATION": "redis://127.0.0.1:1/0"},
    }
    page = end(desk, row)
    assert NOT_NOW.replace("'", "&#x27;") in page.content.decode()
    assert SignedInBrowser.objects.filter(pk=row.pk).exists()


def test_nobody_ends_somebody_elses(desk: Visitor, sam: Tradie) -> None:
    other = Visitor(HTTP_USER_AGENT=PHONE)
    other.try_password(confirm(make_user("pat@example.com")).email, PASSWORD)
    assert end(desk, SignedInBrowser.objects.get(user_agent=PHONE)).status_code == 404
    assert "_auth_user_id" in other.session


def test_what_ended_otherwise_is_not_listed(desk: Visitor, phone: Visitor, owner: User) -> None:
    phone.session.flush()
    assert listed(desk) == ["Chrome on Windows (here)"]


def test_another_password_ends_the_others_and_keeps_this_one(
    desk: Visitor, phone: Visitor, owner: User
) -> None:
    new = {
        "oldpassword": PASSWORD,
        "password1": "another horse entirely",
        "password2": "another horse entirely",
    }
    desk.post("/accounts/password/change/", new)
    assert not phone.is_signed_in()
    assert listed(desk) == ["Chrome on Windows (here)"]


def test_signing_out_everywhere_forgets_them_all(desk: Visitor, phone: Visitor) -> None:
    desk.post(LOGOUT)
    assert not SignedInBrowser.objects.exists()


def test_it_is_seen_from_where(owner: User) -> None:
    visitor = Visitor(address="2001:db8:1:2:3::4", HTTP_USER_AGENT="x" * 500)
    assert visitor.sign_in(owner)
    row = SignedInBrowser.objects.get()
    assert (row.address, row.user_agent) == ("2001:db8:1:2::/64", "x" * 300)
    assert "from 2001:db8:1:2::/64" in visitor.get(PAGE).content.decode()
