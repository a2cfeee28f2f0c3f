"""The number that texts of a business go to, confirmed with a code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, User
from bookings.own_numbers import MOST_TRIES, confirm_number
from local.testing.sent import Sent, deliver_all
from notifications import budgets
from notifications.models import Message
from web.tests.page_forms import Browser

NEWS, URL = "/dashboard/you/messages", "/dashboard/you/messages/number"
NUMBER = "+61412000111"


@pytest.fixture
def kims(kim: User) -> Client:
    return with_number(kim, NUMBER)


def with_number(user: User, number: str) -> Client:
    browser = Browser()
    browser.force_login(user)
    assert browser.post(NEWS, {"sms_booked": "on", "mobile": number}).status_code == 302
    return browser


def code_of(sent: Sent) -> str:
    deliver_all(now=timezone.now())
    found = re.match(r"[0-9]{6}", [sms["body"] for sms in sent.sms if sms["to"] == NUMBER][-1])
    assert found
    return found.group()


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_with_the_code_that_was_texted_it_is_theirs(kims: Client, sent: Sent) -> None:
    assert "Until you confirm 0412 000 111, it gets 3 texts a day at most." in text_of(kims.get(NEWS))
    assert "We texted a code to 0412 000 111." in text_of(kims.post(URL, {"ask": "1"}, follow=True))
    code = code_of(sent)
    wrong = kims.post(URL, {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert (wrong.status_code, "That isn’t the code." in text_of(wrong)) == (400, True)
    assert not budgets.is_own(NUMBER)
    right = kims.post(URL, {"code": f" {code} "}, follow=True)
    assert "0412 000 111 is confirmed." in text_of(right)
    assert "texts a day at most" not in text_of(right)
    assert budgets.is_own(NUMBER)
    assert "no number of yours to confirm" in text_of(kims.get(URL))


def test_it_is_a_code_for_that_person_that_number_and_that_day(
    kims: Client, sent: Sent, sam: Tradie, kim: User, lee: User
) -> None:
    kims.post(URL, {"ask": "1"})
    code = code_of(sent)
    assert with_number(lee, NUMBER).post(URL, {"code": code}).status_code == 400
    assert with_number(kim, "+61412000222").post(URL, {"code": code}).status_code == 400
    kims_place, now = kim.memberships.get(), timezone.now()
    assert not confirm_number(kims_place, NUMBER, code, now=now + timedelta(days=2))
    assert not budgets.is_own(NUMBER)
    assert confirm_number(kims_place, NUMBER, code, now=now + timedelta(days=1))


def test_codes_and_tries_have_an_end(kims: Client, sent: Sent) -> None:
    pages = [text_of(kims.post(URL, {"ask": "1"}, follow=True)) for _ in range(4)]
    assert ["had its texts of today" in page for page in pages] == [False] * 3 + [True]
    code = code_of(sent)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert {kims.post(URL, {"code": wrong}).status_code for _ in range(MOST_TRIES)} == {400}
    assert "a lot of wrong codes" in text_of(kims.post(URL, {"code": code}))


def test_without_a_number_there_is_nothing_to_confirm(client: Client, lee: User, sam: Tradie) -> None:
    client.force_login(lee)
    assert "no number of yours to confirm" in text_of(client.get(URL))
    assert client.post(URL, {"ask": "1"})["Location"] == NEWS
    assert not Message.objects.exists()
