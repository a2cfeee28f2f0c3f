"""A customer asks to be called, and for a new link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.calls import BestTime, ask_for_call, note_call
from bookings.models import HELD, Actor, Booking, EventKind, Status
from bookings.proofs import link_token
from bookings.tokens import token_of
from local.testing.cast import make_booking, owner_of
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Channel, Message
from peepopay.errors import CallInstead
from web.tests.customer.test_manage_page import url_of
from web.tests.page_forms import forms_of

ASKS = {"best_time": "morning", "words": "The drain smells; is that normal?"}


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain)


def press_new_link(client: Client, url: str) -> Any:
    """The button of `url`, as it was when its link still opened something, too."""
    forms = forms_of(client.get(url + "/link"))
    return client.post(url + "/link", forms[0].presses()[0] if forms else {"instead_of": "0"})


class TestACall:
    def test_the_business_is_told_by_mail_and_sms_and_sees_it_on_today_until_it_called(
        self, client: Client, booking: Booking, sam: Tradie, sent: Sent
    ) -> None:
        assert client.get(url_of(booking, "/call")).status_code == 200
        answer = client.post(url_of(booking, "/call"), ASKS)
        assert answer["Location"] == url_of(booking) + "?done=call"
        assert "they&#x27;ll call you" in client.get(answer["Location"]).content.decode()
        deliver_all(now=timezone.now())
        (mail,), (sms,) = sent.mails, sent.sms
        assert (mail["To"], mail["Subject"].partition(":")[0]) == (
            "sam@example.com",
            "Please call Jo Citizen",
        )
        assert "Best time: In the morning" in body(mail, "plain")
        assert "is that normal?" in body(mail, "plain")
        assert sms["body"].startswith("Jo Citizen would like a call: 0412 345 678. In the morning.")
        assert token_of(booking) not in mail.as_string() + sms["body"]

        tradie = Client()
        tradie.force_login(owner_of(sam))
        today = tradie.get("/dashboard/").content.decode()
        assert "Please call</h2>" in today
        assert "In the morning. The drain smells; is that normal?" in today
        page = tradie.get(f"/dashboard/bookings/{booking.pk}").content.decode()
        assert "Asked to be called" in page
        tradie.post(f"/dashboard/bookings/{booking.pk}/called")
        assert "Please call</h2>" not in tradie.get("/dashboard/").content.decode()
        event = booking.events.get(kind=EventKind.CALLED)
        assert (event.actor, event.user) == (Actor.TRADIE, owner_of(sam))

    def test_it_is_asked_once_however_often_the_button_is_pressed(
        self, client: Client, booking: Booking
    ) -> None:
        answers = [client.post(url_of(booking, "/call"), ASKS)["Location"] for _ in range(3)]
        assert [answer.partition("=")[2] for answer in answers] == ["call", "call_again", "call_again"]
        assert booking.events.filter(kind=EventKind.CALL_WANTED).count() == 1
        assert Message.objects.filter(kind="call_wanted_tradie").count() == 2

    def test_three_times_a_day_is_enough(self, booking: Booking, sam: Tradie) -> None:
        now = timezone.now()
        for _ in range(3):
            assert ask_for_call(booking, best_time=BestTime.ANY, words="", now=now)
            assert note_call(booking, by=By(Actor.TRADIE, owner_of(sam)), now=now)
        with pytest.raises(CallInstead, match="9550 1234"):
            ask_for_call(booking, best_time=BestTime.ANY, words="", now=now)
        booking.refresh_from_db()
        assert booking.call_wanted_since is None
        assert ask_for_call(booking, best_time=BestTime.ANY, words="", now=now + timedelta(days=1, minutes=1))

    def test_of_what_is_not_booked_the_business_gets_no_sms(self, client: Client, drain: Service) -> None:
        booking = make_booking(drain, status=Status.EXPIRED)
        client.post(url_of(booking, "/call"), ASKS)
        assert [message.channel for message in Message.objects.all()] == [Channel.EMAIL]

    def test_once_somebody_called_it_is_not_sent_any_more(
        self, client: Client, booking: Booking, sam: Tradie, sent: Sent
    ) -> None:
        client.post(url_of(booking, "/call"), ASKS)
        note_call(booking, by=By(Actor.TRADIE, owner_of(sam)), now=timezone.now())
        deliver_all(now=timezone.now())
        assert (sent.mails, sent.sms) == ([], [])

    @pytest.mark.parametrize("said", [{}, {"best_time": "never", "words": ""}, {"best_time": "any"}])
    def test_a_form_in_half_asks_nothing(
        self, said: dict[str, str], client: Client, booking: Booking
    ) -> None:
        assert client.post(url_of(booking, "/call"), said).status_code in (200, 400)
        assert Message.objects.count() == 0


class TestANewLink:
    def test_it_goes_to_the_address_of_the_booking_and_the_old_one_ends(
        self, client: Client, booking: Booking, sent: Sent
    ) -> None:
        old = url_of(booking)
        page = client.get(old + "/link").content.decode()
        assert "j…@example.com" in page
        assert "jo@example.com" not in page
        assert press_new_link(client, old)["Location"] == old
        booking.refresh_from_db()
        assert (booking.token_number, url_of(booking) == old) == (1, False)
        deliver_all(now=timezone.now())
        (mail,) = sent.mails
        assert mail["To"] == "jo@example.com"
        new = link_token(booking, Channel.EMAIL, "jo@example.com")
        assert f"/manage/{new}" in body(mail, "plain")
        assert client.get(f"/manage/{new}").status_code == 200
        assert booking.events.get(kind=EventKind.LINK_RENEWED).actor == Actor.CUSTOMER

    def test_the_old_link_shows_and_changes_nothing_whichever_page_it_was(
        self, client: Client, booking: Booking, api: Any
    ) -> None:
        old, token = url_of(booking), token_of(booking)
        press_new_link(client, old)
        for rest in ("", "/cancel", "/move", "/call", "/link", "/booking.ics"):
            page = client.get(old + rest)
            assert page.status_code == 410, rest
            assert "Blocked drain" not in page.content.decode()
            assert not re.search(r"\bSam\b", page.content.decode())
        assert client.post(old + "/cancel", {"refund_cents": "0", "reason": ""}).status_code == 410
        assert api.get(f"/api/bookings/{booking.pk}", token).status_code == 401
        booking.refresh_from_db()
        assert booking.status == Status.CONFIRMED

    def test_whoever_has_only_the_old_link_can_have_the_new_one_mailed_again_but_not_over_and_over(
        self, client: Client, booking: Booking
    ) -> None:
        old = url_of(booking)
        press_new_link(client, old)
        assert press_new_link(client, old).status_code == 410  # mailed a moment ago
        links = Message.objects.filter(kind="booking_link")
        assert links.count() == 1
        for times in (2, 3, 3):
            links.update(created_at=timezone.now() - timedelta(minutes=11))
            press_new_link(client, old)
            assert links.count() == times
        booking.refresh_from_db()
        assert booking.token_number == 1

    def test_where_nobody_was_told_of_anything_nothing_is_mailed(
        self, client: Client, drain: Service, subtests: Any
    ) -> None:
        for status in (*HELD, Status.EXPIRED):
            with subtests.test(status.value):
                booking = make_booking(drain, status=status)
                assert "Get a new link" not in client.get(url_of(booking)).content.decode()
                assert client.get(url_of(booking, "/link")).status_code == 200
                press_new_link(client, url_of(booking))
                assert client.get(url_of(booking)).status_code == 200
        assert Message.objects.count() == 0

    def test_three_new_links_a_day_are_enough(self, client: Client, booking: Booking) -> None:
        answers = []
        for _ in range(4):
            answers.append(press_new_link(client, url_of(booking)).status_code)
            booking.refresh_from_db()
        assert answers == [302, 302, 302, 429]
        assert booking.token_number == 3
        assert (
            client.get(url_of(booking)).status_code == 200
        )  # the one that could not be replaced still opens it

    def test_links_survive_a_change_of_the_secret_key(
        self, client: Client, booking: Booking, settings: Any
    ) -> None:
        press_new_link(client, url_of(booking))
        booking.refresh_from_db()
        before = url_of(booking)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
        assert url_of(booking) == before
        press_new_link(client, before)
        booking.refresh_from_db()
        assert client.get(url_of(booking)).status_code == 200
