"""Sessions last a week from the last day of use, and end everywhere with a sign-out or another password."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD, owner_of
from web.sign_in.rolling import RENEWED_AT

from .visits import LOGOUT, RESET, Visitor

NEW_PASSWORD = "another horse entirely"
WEEK, DAY = 7 * 24 * 3600, 24 * 3600


def signed_in(user: User) -> Visitor:
    visitor = Visitor()
    assert visitor.sign_in(user)
    return visitor


def writes(visitor: Visitor) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert visitor.is_signed_in()
    return sum('UPDATE "django_session"' in query["sql"] for query in asked)


def make_older(visitor: Visitor, seconds: int) -> None:
    """As if the session had last been renewed so long ago."""
    session = visitor.session
    session[RENEWED_AT] = int(time.time()) - seconds
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=WEEK - seconds))


def seconds_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds()


def test_a_session_lasts_a_week(owner: User) -> None:
    answer = Visitor().try_password(owner.email, PASSWORD)
    cookie = answer.cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (WEEK, True, "Lax")
    assert WEEK - 60 < seconds_left() <= WEEK


def test_a_session_in_use_is_renewed_once_a_day(owner: User) -> None:
    visitor = signed_in(owner)
    make_older(visitor, DAY - 60)
    assert writes(visitor) == 0
    assert seconds_left() < WEEK - DAY + 120
    make_older(visitor, DAY + 60)
    assert (writes(visitor), writes(visitor)) == (1, 0)
    assert WEEK - 60 < seconds_left() <= WEEK
    assert visitor.cookies["sessionid"]["max-age"] == WEEK


def test_a_session_that_was_not_used_for_a_week_is_over(owner: User) -> None:
    visitor = signed_in(owner)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    caches["redis"].clear()
    assert not visitor.is_signed_in()


def test_pages_without_a_session_start_none(client: Any, db: None) -> None:
    for path in ("/", "/accounts/login/", "/accounts/login/code/", "/accounts/signup/"):
        assert "sessionid" not in client.get(path).cookies
    assert not Session.objects.exists()


def test_signing_out_ends_the_sessions_of_every_browser(owner: User) -> None:
    phone, laptop = signed_in(owner), signed_in(owner)
    phone.post(LOGOUT)
    assert not phone.is_signed_in()
    assert not laptop.is_signed_in()
    assert phone.sign_in(owner)


def test_looking_at_the_sign_out_page_ends_nothing(owner: User) -> None:
    phone = signed_in(owner)
    assert phone.get(LOGOUT).status_code == 200
    assert phone.is_signed_in()


def test_a_session_does_not_come_back_with_the_cache_that_slept_through_its_end(owner: User) -> None:
    visitor = signed_in(owner)
    key, data = visitor.session.session_key, dict(visitor.session.items())
    store = visitor.session
    visitor.post(LOGOUT)
    caches["redis"].set(store.cache_key_prefix + key, data)
    visitor.cookies["sessionid"] = key
    assert not visitor.is_signed_in()


def test_others_stay_signed_in(owner: User, alex: Any) -> None:
    other = Visitor()
    other.force_login(owner_of(alex))
    signed_in(owner).post(LOGOUT)
    assert other.is_signed_in()


def test_another_password_ends_every_session_but_the_one_it_was_chosen_in(owner: User) -> None:
    phone, laptop = signed_in(owner), signed_in(owner)
    laptop.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert laptop.is_signed_in()
    assert not phone.is_signed_in()


def test_a_password_reset_ends_every_session(owner: User) -> None:
    phone, laptop = signed_in(owner), Visitor()
    laptop.post(RESET, {"email": owner.email})
    link = re.search(r"http\S+", str(mailbox()[-1].body))
    assert link
    form = laptop.get(link.group(), follow=True).redirect_chain[-1][0]
    laptop.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert laptop.is_signed_in()
    assert not phone.is_signed_in()


def test_a_session_from_before_a_key_was_replaced_goes_on(owner: User, settings: Any) -> None:
    visitor = signed_in(owner)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    assert visitor.is_signed_in()
