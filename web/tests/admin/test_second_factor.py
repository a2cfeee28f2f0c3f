"""Nobody enters the admin with a password alone, nor with a code by e-mail alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import Tradie, User
from local.authenticator import code_now
from local.testing.account_mails import mailbox
from local.testing.cast import AUTHENTICATOR_KEY, PASSWORD, make_operator, owner_of, sign_in_operator

PAGES = [
    "/admin/",
    "/admin/bookings/booking/",
    "/admin/jsi18n/",
    "/admin/password_change/",
    "/admin/nowhere/",
]
SECOND_STEP = "/accounts/2fa/authenticate/"


@pytest.fixture
def operator(settings: Any, db: None) -> User:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return make_operator()


@pytest.fixture
def newcomer(operator: User) -> User:
    """An operator who has no authenticator yet."""
    Authenticator.objects.all().delete()
    return operator


def give_password(client: Client, user: User) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def test_password_and_app_open_the_admin(client: Client, operator: User) -> None:
    assert give_password(client, operator)["Location"] == SECOND_STEP
    assert not is_in(client)
    client.post(SECOND_STEP, {"code": "000000"})
    assert not is_in(client)
    assert is_in(sign_in_operator(client, operator))


def test_a_code_by_mail_is_followed_by_the_second_step(client: Client, operator: User) -> None:
    client.post("/accounts/login/code/", {"email": operator.email})
    code = re.search(r"^[A-Z]{5}-[A-Z]{5}$", str(mailbox()[-1].body), re.MULTILINE)
    assert code
    answer = client.post("/accounts/login/code/confirm/", {"code": code.group()})
    assert answer["Location"] == SECOND_STEP
    assert not is_in(client)
    assert "known_browser" not in client.cookies
    client.post(SECOND_STEP, {"code": code_now(AUTHENTICATOR_KEY)})
    assert is_in(client)


def test_a_new_password_by_mail_is_followed_by_the_second_step(client: Client, operator: User) -> None:
    client.post("/accounts/password/reset/", {"email": operator.email})
    link = re.search(r"http\S+", str(mailbox()[-1].body))
    assert link
    form = client.get(link.group(), follow=True).redirect_chain[-1][0]
    new = "another horse entirely"
    assert client.post(form, {"password1": new, "password2": new})["Location"] == SECOND_STEP
    assert not is_in(client)


@pytest.mark.parametrize("page", PAGES)
def test_without_an_authenticator_every_page_leads_to_setting_one_up(
    page: str, client: Client, newcomer: User
) -> None:
    give_password(client, newcomer)
    answer = client.get(page, follow=True)
    assert [url for url, _ in answer.redirect_chain][-2] == "/accounts/2fa/totp/activate/"
    assert answer.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    assert "Set up an authenticator app first." in answer.content.decode()


def test_whoever_has_just_set_one_up_is_in(client: Client, newcomer: User) -> None:
    give_password(client, newcomer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    codes = client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}, follow=True)
    assert 'href="/admin/"' in codes.content.decode()
    assert is_in(client)


def test_a_session_from_before_it_was_set_up_shows_it_first(client: Client, newcomer: User) -> None:
    give_password(client, newcomer)
    TOTP.activate(newcomer, AUTHENTICATOR_KEY)
    answer = client.get("/admin/bookings/booking/", follow=True)
    form = "/accounts/2fa/reauthenticate/?next=/admin/bookings/booking/"
    assert answer.redirect_chain[-1] == (form, 302)
    done = client.post(form, {"code": code_now(AUTHENTICATOR_KEY)})
    assert done["Location"] == "/admin/bookings/booking/"
    assert is_in(client)


def test_who_takes_it_off_is_out(client: Client, operator: User) -> None:
    assert is_in(sign_in_operator(client, operator))
    Authenticator.objects.all().delete()
    assert not is_in(client)


def test_a_tradie_is_refused_with_or_without_one(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    assert client.get("/admin/", follow=True).status_code == 403


def test_signing_out_of_the_admin_ends_every_session(client: Client, operator: User) -> None:
    other = Client()
    other.force_login(operator)
    sign_in_operator(client, operator)
    assert client.get("/admin/logout/").status_code == 200  # asks first
    assert is_in(client)
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session
    assert other.get("/dashboard/")["Location"].startswith("/accounts/login/")


def test_the_login_of_the_admin_leads_on_whoever_is_in(client: Client, operator: User) -> None:
    sign_in_operator(client, operator)
    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert client.get("/admin/login/?next=https://evil.example/")["Location"] == "/admin/"
