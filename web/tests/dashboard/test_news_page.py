"""Everybody in a business chooses on a page of their own what they are told."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership, Tradie, User
from local.testing.cast import owner_of
from notifications.models import NewsChoice

URL = "/dashboard/you/messages"


@pytest.fixture
def kims(client: Client, kim: User) -> Client:
    client.force_login(kim)
    return client


def test_it_shows_how_it_is_at_first(kims: Client, sam: Tradie, kim: User) -> None:
    page = kims.get(URL).content.decode()
    assert kim.email in page
    assert "checked" not in page
    User.objects.filter(pk=owner_of(sam).pk).update(email=sam.email)
    owners = Client()
    owners.force_login(owner_of(sam))
    page = owners.get(URL).content.decode()
    assert page.count("checked") == 6  # five mails, and a text when a customer wants a call
    assert "0400 111 222" in page


def test_what_is_ticked_is_kept_for_them_alone(kims: Client, kim: User, lee: User) -> None:
    typed = {"email_booked": "on", "sms_moved": "on", "mobile": "0412 000 111"}
    assert kims.post(URL, typed).status_code == 302
    row = NewsChoice.objects.get()
    assert (row.member.user, row.by_email, row.by_sms, row.mobile) == (
        kim,
        ["booked"],
        ["moved"],
        "+61412000111",
    )
    page = kims.get(URL).content.decode()
    assert page.count("checked") == 2
    assert 'value="0412 000 111"' in page


@pytest.mark.parametrize(
    ("mobile", "said"),
    [
        ("", "Give a mobile number for the texts, or untick them."),
        ("02 9550 1234", "Give an Australian mobile number, such as 0412 345 678."),
        ("+1 212 555 0123", "Give an Australian mobile number, such as 0412 345 678."),
    ],
)
def test_texts_need_an_australian_mobile(kims: Client, mobile: str, said: str) -> None:
    answer = kims.post(URL, {"sms_booked": "on", "mobile": mobile})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not NewsChoice.objects.exists()


def test_what_has_a_deadline_says_that_it_always_comes(kims: Client) -> None:
    page = kims.get(URL).content.decode()
    assert "Trouble with money" in page
    assert "can’t be switched off" in page
    assert page.count("Always") == 2


def test_in_half_it_changes_nothing(kims: Client) -> None:
    kims.post(URL, {"email_booked": "on"})
    assert not NewsChoice.objects.exists()


def test_it_goes_with_the_person(kims: Client, kim: User) -> None:
    kims.post(URL, {"email_booked": "on", "mobile": ""})
    Membership.objects.filter(user=kim).delete()
    assert not NewsChoice.objects.exists()
