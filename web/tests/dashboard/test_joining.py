"""From the mail to Today: the link only shows, the address must be the invited one, the button joins."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.invitations import LASTS, token_of, withdraw
from accounts.models import Invitation, Tradie, User
from accounts.roles import Role
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD, make_user, owner_of
from notifications.messages import invite


@pytest.fixture
def invitation(sam: Tradie) -> Invitation:
    owner = sam.memberships.all()[0]
    return invite(owner, email="pat@example.com", name="Pat", role=Role.OFFICE, now=timezone.now())


@pytest.fixture
def link(invitation: Invitation) -> str:
    return f"/join/{token_of(invitation)}"


@pytest.fixture
def pat(db: None) -> User:
    return make_user("pat@example.com")


def text(response: Any) -> str:
    return response.content.decode()


def test_somebody_new_signs_up_confirms_the_address_and_joins(
    client: Client, sam: Tradie, link: str, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = text(client.get(link))
    sign_up = re.search(r'href="(/accounts/signup/\?next=[^"]+)"', page)
    assert sign_up, page
    form = text(client.get(sign_up.group(1)))
    assert f'name="next" value="{link}"' in form
    client.post(
        "/accounts/signup/",
        {"email": "Pat@Example.com", "password1": PASSWORD, "password2": PASSWORD, "next": link},
    )
    code = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", str(mailbox()[-1].body), re.M)
    assert code, mailbox()[-1].body
    confirmed = client.post("/accounts/confirm-email/", {"code": code.group()}, follow=True)
    assert confirmed.redirect_chain[-1] == (link, 302)
    assert not sam.memberships.filter(user__email="pat@example.com").exists()
    joined = client.post(link, follow=True)
    assert joined.redirect_chain == [("/dashboard/", 302)]
    assert "Welcome to Sam&#x27;s Plumbing." in text(joined)
    member = sam.memberships.get(user__email="pat@example.com")
    assert (member.role, member.user.name) == ("office", "Pat")


def test_the_page_says_who_invites_to_what_and_sets_no_member(client: Client, sam: Tradie, link: str) -> None:
    page = client.get(link)
    for said in (owner_of(sam).email, "Sam&#x27;s Plumbing", "office", "pat@example.com", "I’m new here"):
        assert said in text(page), said
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-cache" in page["Cache-Control"]


def test_without_signing_in_the_button_does_nothing(client: Client, sam: Tradie, link: str) -> None:
    assert client.post(link).status_code == 403
    assert sam.memberships.count() == 1


def test_somebody_else_cannot_take_the_place(client: Client, sam: Tradie, link: str) -> None:
    client.force_login(make_user("lou@example.com"))
    page = text(client.get(link))
    assert "you are signed in as <strong>lou@example.com</strong>" in page
    assert client.post(link).status_code == 403
    assert sam.memberships.count() == 1


def test_pressing_twice_joins_once_and_ends_at_today(
    client: Client, sam: Tradie, link: str, pat: User
) -> None:
    client.force_login(pat)
    for _ in range(2):
        assert client.post(link)["Location"] == "/dashboard/"
    assert client.get(link)["Location"] == "/dashboard/"
    assert sam.memberships.filter(user=pat).count() == 1


def test_it_needs_the_csrf_token(link: str, sam: Tradie, pat: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(pat)
    assert client.post(link).status_code == 403
    assert sam.memberships.count() == 1


def test_who_joins_a_second_business_is_in_it_at_once(
    client: Client, alex: Tradie, link: str, sam: Tradie
) -> None:
    client.force_login(owner_of(alex))
    assert client.get("/dashboard/").context["tradie"] == alex
    Invitation.objects.update(email=owner_of(alex).email)
    client.post(link)
    assert client.get("/dashboard/").context["tradie"] == sam


@pytest.mark.parametrize("end", ["ran out", "withdrawn", "used by somebody who left"])
def test_an_invitation_that_is_over_says_so_and_opens_nothing(
    end: str, client: Client, invitation: Invitation, link: str, pat: User, sam: Tradie
) -> None:
    now = timezone.now()
    if end == "ran out":
        Invitation.objects.update(expires_at=now - timedelta(seconds=1))
    elif end == "withdrawn":
        withdraw(invitation, now=now)
    else:
        Invitation.objects.update(accepted_at=now - LASTS)
    client.force_login(pat)
    for method in ("get", "post"):
        answer = getattr(client, method)(link)
        assert (answer.status_code, "This invitation is over" in text(answer)) == (410, True)
    assert sam.memberships.count() == 1


@pytest.mark.parametrize("token", ["wrong", "a" * 24, "a" * 500])
def test_a_link_that_is_none_says_where_to_find_the_right_one(token: str, client: Client, db: None) -> None:
    answer = client.get(f"/join/{token}")
    assert (answer.status_code, "newest email" in text(answer)) == (404, True)
