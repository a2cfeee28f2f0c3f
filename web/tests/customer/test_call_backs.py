"""Who can't or won't book online leaves a number: by the page without scripts, or by the API."""

from __future__ import annotations

import time
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, User
from bookings import call_backs
from bookings.call_backs import ask_for_call_back, context_for, forget_old
from bookings.models import CallBack
from bookings.news import choose
from local.testing.cast import owner_of
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message
from notifications.sms_text import GSM
from peepopay.form_check import HEADER
from web.tests.page_forms import forms_of

PAT = {"name": "Pat O'Neil", "phone": "0412 345 679", "about": "Dripping tap"}


@pytest.fixture
def page(sam: Tradie) -> str:
    Tradie.objects.update(email=owner_of(sam).email)
    return f"/book/{sam.slug}/call"


def text_of(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def leave(client: Client, page: str, **changes: str) -> Any:
    return client.post(page, forms_of(client.get(page))[0].fields | PAT | {"shown": ""} | changes)


def asked(client: Client, tradie: Tradie, **changes: Any) -> Any:
    sent = {"tradie": tradie.slug, **PAT, **changes}
    elsewhere = {"Origin": "https://sams.example"}
    return client.post("/api/callbacks", sent, content_type="application/json", headers=elsewhere)


def test_the_page_without_scripts_has_name_number_and_a_way_to_leave_ones_own(
    client: Client, page: str, sam: Tradie, sent: Sent
) -> None:
    shown = client.get(f"/book/{sam.slug}?call")
    assert 'href="tel:+61295501234"' in text_of(shown)
    assert "Sam's Plumbing" in text_of(shown)
    assert forms_of(shown)[0].action == page
    done = leave(client, page)
    assert done["Location"] == f"{page}?done"
    assert "has your number and will call you" in text_of(client.get(done["Location"]))
    row = CallBack.objects.get()
    assert (row.name, row.phone, row.about) == ("Pat O'Neil", "+61412345679", "Dripping tap")

    deliver_all(now=timezone.now())
    (mail,), (text,) = sent.mails, sent.sms
    assert mail["Subject"] == "Please call Pat O'Neil: 0412 345 679"
    assert "Dripping tap" in body(mail, "plain")
    assert text["body"] == (
        "Please call Pat O'Neil: 0412 345 679. Dripping tap https://book.example.com.au/dashboard/"
    )
    assert not client.cookies


def test_a_bad_form_says_so_and_keeps_what_was_typed(client: Client, page: str) -> None:
    refused = leave(client, page, phone="12", about="Tap")
    assert refused.status_code == 400
    assert "Please check this" in text_of(refused)
    assert forms_of(refused)[0].fields["about"] == "Tap"
    assert not CallBack.objects.exists()


@pytest.mark.parametrize("by_api", [True, False])
def test_what_only_programs_fill_in_is_kept_nowhere(
    client: Client, page: str, sam: Tradie, by_api: bool
) -> None:
    answer = asked(client, sam, website="spam") if by_api else leave(client, page, website="spam")
    assert answer.status_code == 422
    assert not CallBack.objects.exists()
    if by_api:
        assert answer.json()["code"] == "PRESS_AGAIN"
        return
    # Perhaps their browser did it: to press again is enough.
    again = forms_of(answer)[0].fields
    assert "Please press the button again, or call." in text_of(answer)
    assert (again["name"], again["website"]) == ("Pat O'Neil", "")
    assert client.post(page, again).status_code == 302


def test_sooner_than_anybody_could_type_is_held_up_and_then_let_through(client: Client, page: str) -> None:
    typed = forms_of(client.get(page))[0].fields | PAT
    assert client.post(page, typed).status_code == 422
    assert not CallBack.objects.exists()
    for shown in (signing.dumps(time.time() - 2, salt=HEADER), "forged", ""):
        assert client.post(page, typed | {"shown": shown}).status_code == 302


def test_by_the_api_too_a_form_may_say_how_fast_it_was(client: Client, sam: Tradie) -> None:
    def left(check: str) -> int:
        body = {"tradie": sam.slug, "name": "Pat", "phone": "0412 345 678"}
        headers = {"Form-Check": check}
        return client.post(
            "/api/callbacks", body, content_type="application/json", headers=headers
        ).status_code

    assert [left("1999;0;"), left("2000;0;")] == [422, 201]


def test_also_a_business_that_takes_no_bookings_online_is_called(
    client: Client, page: str, sam: Tradie
) -> None:
    Tradie.objects.update(is_open=False)
    assert "needs JavaScript" not in text_of(client.get(page))
    assert leave(client, page).status_code == 302


@pytest.mark.parametrize("closed", [True, False])
def test_nobody_calls_for_a_business_that_is_not_there(client: Client, sam: Tradie, closed: bool) -> None:
    Tradie.objects.update(closed_at=timezone.now() if closed else None)
    slug = sam.slug if closed else "nobody"
    assert client.get(f"/book/{slug}?call").status_code == 404
    assert client.post(f"/book/{slug}/call", PAT).status_code == 404
    answer = client.post("/api/callbacks", {**PAT, "tradie": slug}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_the_api_does_the_same_and_twice_is_once(client: Client, sam: Tradie) -> None:
    answers = [asked(client, sam) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == {
        "business_name": "Sam's Plumbing",
        "phone": "+61295501234",
        "asked_before": False,
    }
    assert answers[1].json()["asked_before"]
    assert CallBack.objects.count() == 1
    assert answers[0]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "Pat\nBcc: you"), ("phone", "12"), ("about", "x" * 501)]
)
def test_the_api_refuses_what_it_cannot_use(client: Client, sam: Tradie, field: str, value: str) -> None:
    answer = asked(client, sam, **{field: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_number_a_business_and_an_address_have_an_end(
    client: Client, sam: Tradie, alex: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(call_backs.MOST_OF_A_NUMBER):
        assert asked(client, sam).status_code == 201
        CallBack.objects.update(called_at=timezone.now())
    refused = asked(client, alex)
    assert (refused.status_code, refused.json()["code"]) == (429, "CALL_INSTEAD")
    assert asked(client, sam, phone="0412 345 670").status_code == 201
    assert asked(client, sam, phone="0412 345 671").json()["code"] == "RATE_LIMITED"
    monkeypatch.setattr(call_backs, "MOST_OF_A_BUSINESS", 4)
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert asked(other, sam, phone="0412 345 672").json()["code"] == "CALL_INSTEAD"


def test_of_many_in_a_day_only_the_first_are_told_by_sms(sam: Tradie) -> None:
    Tradie.objects.update(email=owner_of(sam).email)
    sam.refresh_from_db()
    for number in range(call_backs.MOST_BY_SMS + 2):
        ask_for_call_back(sam, name="Pat", phone=f"+6141234560{number}", about="", now=timezone.now())
    told = Message.objects.filter(kind=call_backs.KIND)
    assert told.filter(channel="sms").count() == call_backs.MOST_BY_SMS
    assert told.filter(channel="email").count() == call_backs.MOST_BY_SMS + 2


def test_a_long_story_fits_one_text(sam: Tradie, sent: Sent) -> None:
    member = sam.memberships.get()
    choose(member, by_email=[], by_sms=["call"], mobile="+61400111222")
    story = {"name": "Müller 🚿 " * 9, "about": "The tap “drips”\nsince " + "yesterday " * 40}
    ask_for_call_back(sam, phone="+61412345679", **story, now=timezone.now())
    deliver_all(now=timezone.now())
    (text,) = sent.sms
    assert len(text["body"]) <= 160
    assert set(text["body"]) <= GSM
    assert text["body"].endswith("/dashboard/")


def test_it_stays_on_today_until_somebody_called(sam: Tradie, kim: User, lee: User, client: Client) -> None:
    now = timezone.now()
    ask_for_call_back(sam, name="Pat", phone="+61412345679", about="Tap", now=now)
    office, worker = Client(), Client()
    office.force_login(kim)
    worker.force_login(lee)
    assert "Left a number on your booking page: 0412 345 679" in text_of(office.get("/dashboard/"))
    assert "Left a number" not in text_of(worker.get("/dashboard/"))
    button = next(form for form in forms_of(office.get("/dashboard/")) if "call-backs" in form.action)
    page = office.post(button.action, follow=True)
    assert "Noted that you called Pat." in text_of(page)
    assert "Left a number" not in text_of(page)
    row = CallBack.objects.get()
    assert (row.called_by, row.called_at is None) == (kim, False)
    assert ask_for_call_back(sam, name="Pat", phone="+61412345679", about="", now=now)


def test_who_was_called_meanwhile_is_told_of_no_more(sam: Tradie, sent: Sent) -> None:
    ask_for_call_back(sam, name="Pat", phone="+61412345679", about="", now=timezone.now())
    CallBack.objects.update(called_at=timezone.now())
    deliver_all(now=timezone.now())
    assert not sent.mails + sent.sms
    assert set(Message.objects.values_list("skipped_because", flat=True)) == {"Somebody has called them."}


def test_numbers_go_after_a_while(sam: Tradie) -> None:
    now = timezone.now()
    ask_for_call_back(sam, name="Pat", phone="+61412345679", about="", now=now)
    assert forget_old(now=now + call_backs.KEPT - timedelta(minutes=1)) == 0
    assert forget_old(now=now + call_backs.KEPT + timedelta(minutes=1)) == 1


def test_every_part_says_all_of_it(sam: Tradie) -> None:
    ask_for_call_back(sam, name="Pat", phone="+61412345679", about="", now=timezone.now())
    message = Message.objects.filter(kind=call_backs.KIND)[0]
    assert context_for(message, now=timezone.now())["about_short"] == ""
