"""A business adds words of its own to its messages, sees the whole of each before anybody gets it, and gets a test."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import changes_of
from accounts.models import Service, Tradie
from bookings import message_tests
from bookings.message_examples import WORDED, example_of
from bookings.messages import tell_confirmed
from bookings.models import Booking
from bookings.news import choose
from local.testing.cast import make_booking, owner_of
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message, MessageSettings
from notifications.sms_text import GSM
from web.tests.page_forms import forms_of

PAGE = "/dashboard/messages/booking_confirmed"
WORDS = {"email": "Please keep the drive free.\nThe dog, too.", "sms": "Keep the drive free, ta."}


@pytest.fixture
def dashboard(client: Client, drain: Service) -> Client:
    Tradie.objects.update(email=owner_of(drain.tradie).email)
    client.force_login(owner_of(drain.tradie))
    return client


def text_of(page: Any) -> str:
    return " ".join(unescape(page.content.decode()).split())


def form_of(client: Client, url: str = PAGE) -> dict[str, str]:
    return next(form for form in forms_of(client.get(url)) if "version" in form.fields).fields


def sent_to_jo(drain: Service) -> None:
    service = Service.objects.select_related("tradie").get(pk=drain.pk)
    tell_confirmed(make_booking(service), now=timezone.now())
    Message.objects.filter(audience="tradie").delete()
    deliver_all(now=timezone.now())


def test_its_words_are_in_what_customers_get(dashboard: Client, drain: Service, sent: Sent) -> None:
    assert dashboard.post(PAGE, form_of(dashboard) | WORDS).status_code == 302
    sent_to_jo(drain)
    (mail,), (text,) = sent.mails, sent.sms
    assert body(mail, "plain").startswith("Please keep the drive free.\nThe dog, too.\n\nHi Jo Citizen,")
    assert "Please keep the drive free.<br>The dog, too." in body(mail, "html")
    assert text["body"].endswith(" Keep the drive free, ta.")
    entry = changes_of(drain.tradie)[0]
    assert (entry.kind, entry.detail) == ("business_changed", "own words: A booking is confirmed")


def test_no_words_no_change_and_other_messages_stay_as_they_are(
    dashboard: Client, drain: Service, sent: Sent
) -> None:
    dashboard.post(PAGE, form_of(dashboard) | WORDS)
    dashboard.post(PAGE, form_of(dashboard) | {"email": "", "sms": ""})
    dashboard.post(
        "/dashboard/messages/booking_moved", form_of(dashboard, "/dashboard/messages/booking_moved") | WORDS
    )
    assert MessageSettings.objects.get().words == {"booking_moved": WORDS}
    sent_to_jo(drain)
    assert "drive free" not in body(sent.mails[0], "plain") + sent.sms[0]["body"]


def test_a_preview_saves_nothing_and_shows_what_was_typed(dashboard: Client, sam: Tradie) -> None:
    page = dashboard.post(PAGE, form_of(dashboard) | WORDS | {"look": ""})
    text = text_of(page)
    assert "With the words above, which aren’t saved yet." in text
    assert "Test Customer" in text
    assert text.count("Keep the drive free, ta.") == 2  # in the field and in the SMS
    assert not MessageSettings.objects.exists()
    assert not Booking.objects.exists()


def test_a_preview_counts_what_a_text_costs(dashboard: Client) -> None:
    assert "letters: one SMS." in text_of(dashboard.get(PAGE))
    page = dashboard.post(PAGE, form_of(dashboard) | {"sms": "w" * 80, "look": ""})
    assert "letters: 2 SMS, which arrive as one." in text_of(page)


@pytest.mark.parametrize("sms", ["see https://evil.example", "www.joes.com.au", "joes.com.au/x"])
def test_a_text_takes_no_links_of_theirs(dashboard: Client, sms: str) -> None:
    refused = dashboard.post(PAGE, form_of(dashboard) | {"sms": sms})
    assert refused.status_code == 400
    assert "No links, please" in text_of(refused)


def test_a_test_goes_to_who_asks_and_to_nobody_else(dashboard: Client, sam: Tradie, sent: Sent) -> None:
    choose(sam.memberships.get(), by_email=[], by_sms=[], mobile="+61400111333")
    dashboard.post(PAGE, form_of(dashboard) | WORDS)
    for way, said in (("email", owner_of(sam).email), ("sms", "0400 111 333")):
        page = dashboard.post(f"{PAGE}/test", {"by": way}, follow=True)
        assert f"A test is on its way to {said}." in text_of(page)
    deliver_all(now=timezone.now())
    (mail,), (text,) = sent.mails, sent.sms
    assert (mail["To"], mail["Subject"].startswith("Test: ")) == (owner_of(sam).email, True)
    assert "Please keep the drive free." in body(mail, "plain")
    assert "Please keep the drive free.<br>" in body(mail, "html")
    assert text["to"] == "+61400111333"
    assert text["body"].endswith("Keep the drive free, ta.")
    assert not Booking.objects.exists()


def test_without_a_mobile_no_text_is_sent(dashboard: Client, sam: Tradie) -> None:
    Tradie.objects.update(mobile="")
    page = dashboard.post(f"{PAGE}/test", {"by": "sms"}, follow=True)
    assert "Give a mobile of yours first" in text_of(page)
    assert not Message.objects.exists()


def test_tests_have_an_end(dashboard: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_tests, "MOST_AN_HOUR", 1)
    for _ in range(2):
        page = dashboard.post(f"{PAGE}/test", {"by": "email"}, follow=True)
    assert "on its way" not in text_of(page)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("kind", WORDED)
def test_every_kind_has_its_example(drain: Service, kind: str) -> None:
    words = {"email": "Own <b>words</b>", "sms": "Ta"}
    example = example_of(drain.tradie, kind, words, now=timezone.now())
    assert example
    assert example.text.startswith("Own <b>words</b>\n\n")
    assert "Own &lt;b&gt;words" in example.html
    assert example.subject
    assert set(example.sms) <= GSM
    assert (example.sms == "") == (kind == "booking_requested")
    assert not example.sms or example.sms.endswith(" Ta")


def test_without_a_service_there_is_nothing_to_show(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    assert "there must be a service with a free time" in text_of(client.get(PAGE))


def test_nobody_words_a_message_that_is_always_the_same(dashboard: Client) -> None:
    assert dashboard.get("/dashboard/messages/refund_failed").status_code == 404
    assert dashboard.post("/dashboard/messages/refund_failed/test").status_code == 404


def test_a_page_for_reviews_is_saved_noted_and_refused_with_a_sentence(
    dashboard: Client, sam: Tradie
) -> None:
    page, url = "/dashboard/messages", "https://g.page/r/sams-plumbing/review"
    refused = dashboard.post(page, form_of(dashboard, page) | {"review_url": "http://g.page"})
    assert "The whole address of the page, such as" in text_of(refused)
    assert dashboard.post(page, form_of(dashboard, page) | {"review_url": url}).status_code == 302
    assert MessageSettings.objects.get().review_url == url
    assert changes_of(sam)[0].detail == f"where customers are asked for a review: {url}"
