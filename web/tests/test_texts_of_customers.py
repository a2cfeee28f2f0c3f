"""What customers text back stands with the booking it is about; it moves and cancels nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings import messages, text_replies
from bookings.customers import assign_missing, erase_customer
from bookings.models import Booking, BookingEvent, EventKind, Status
from bookings.reminder_rules import HOURS_BEFORE
from invoicing.everything import KINDS
from local.testing.cast import make_booking, make_service, owner_of
from local.testing.sent import Sent, deliver_all
from notifications.models import Message, MessageSettings, OptOut
from notifications.tests.fake_twilio import ACCOUNT, FROM, SECRET, FakeTwilio

JO = "+61412345678"


@pytest.fixture
def booking(drain: Service, sam: Tradie) -> Booking:
    """Jo's, of a business that takes replies."""
    MessageSettings.objects.create(tradie=sam, takes_replies=True)
    return make_booking(drain)


def text(
    words: str, sid: str = "SM1", *, now: datetime | None = None, number: str = JO, meant: str = ""
) -> None:
    text_replies.take(number, words, seen_as=sid, now=now or timezone.now(), meant=meant)


def thread(booking: Booking) -> list[tuple[str, str]]:
    kinds = (EventKind.TEXTED, EventKind.ATTENDING, EventKind.CUSTOMER_LATE, EventKind.TEXT_MATCHED)
    return list(booking.events.filter(kind__in=kinds).values_list("kind", "detail"))


def written() -> list[tuple[str, str]]:
    return sorted(Message.objects.values_list("kind", "channel"))


def texted_about(booking: Booking, ago: timedelta) -> None:
    """As a worker would, so long ago."""
    Message.objects.create(
        tradie=booking.tradie,
        about=booking.pk,
        kind="reminder_day_before",
        audience="customer",
        channel="sms",
        recipient=booking.customer_phone,
        dedupe_key=f"{booking.pk}:{ago}",
        sent_at=timezone.now() - ago,
        done_at=timezone.now() - ago,
    )


@pytest.mark.parametrize("words", ["YES", "yes.", "Yes please", "OK", "Confirmed", "👍"])
def test_yes_marks_that_they_will_be_there(booking: Booking, words: str, client: Client) -> None:
    text(words)
    booking.refresh_from_db()
    assert booking.says_yes
    assert thread(booking) == [("attending", words)]
    assert written() == []
    client.force_login(owner_of(booking.tradie))
    page = client.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert page.count("Says they") == 2  # beside the status, and in the thread


def test_a_yes_is_for_the_time_that_it_was_said_to(booking: Booking) -> None:
    text("YES")
    later = booking.starts_at + timedelta(days=1)
    until = later + timedelta(hours=1)
    Booking.objects.filter(pk=booking.pk).update(starts_at=later, ends_at=until, period=(later, until))
    booking.refresh_from_db()
    assert not booking.says_yes


@pytest.mark.parametrize("words", ["LATE", "late 15 min", "Running late", "Sorry, I'm running a bit late"])
def test_late_is_told_to_the_business_at_once(booking: Booking, words: str, sent: Sent) -> None:
    text(words)
    assert thread(booking) == [("customer_late", words)]
    assert ("text_taken", "sms") not in written()
    deliver_all(now=timezone.now())
    (mail,) = sent.mails
    assert mail["Subject"].startswith("Jo Citizen is running late: Blocked drain")
    assert [one["body"].startswith("Jo Citizen is late: ") for one in sent.sms] == [True]


@pytest.mark.parametrize(
    "words", ["Please cancel my booking", "Can we do Friday?", "No", "Stop by the back gate"]
)
def test_anything_else_is_passed_on_answered_once_and_cancels_nothing(
    booking: Booking, words: str, sent: Sent
) -> None:
    text(words, "SM1")
    text("And bring a ladder", "SM2")
    deliver_all(now=timezone.now())
    assert thread(booking) == [("texted", words), ("texted", "And bring a ladder")]
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    to_jo = [one["body"] for one in sent.sms if one["to"] == JO]
    assert len(to_jo) == 1
    assert "To move or cancel: https://" in to_jo[0]
    assert len(sent.mails) == 2


@pytest.mark.parametrize(
    ("word", "is_told"), [("Cancel", True), ("END", True), ("STOP", False), ("START", False)]
)
def test_a_word_that_carriers_take_for_stop_is_told_where_it_may_mean_the_job(
    booking: Booking, word: str, is_told: bool
) -> None:
    text(word)
    assert OptOut.objects.exists() == (word != "START")
    assert (("text_came_tradie", "email") in written()) == is_told
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_a_yes_where_a_payment_is_waited_for_is_passed_on(booking: Booking) -> None:
    Booking.objects.update(
        status=Status.PENDING, held_until=timezone.now() + timedelta(hours=1), confirmed_at=None
    )
    text("YES")
    assert thread(booking) == [("texted", "YES")]
    assert ("text_came_tradie", "email") in written()


def test_a_copy_changes_nothing(booking: Booking) -> None:
    for _ in range(3):
        text("On my way", "SM1")
    assert thread(booking) == [("texted", "On my way")]
    text("YES", "SM3")
    text("LATE", "SM2")
    text("YES", "SM3")
    booking.refresh_from_db()
    assert booking.says_yes
    assert [kind for kind, _ in thread(booking)] == ["texted", "attending", "customer_late"]


def test_of_several_it_is_the_one_texted_about_last_and_that_is_said(
    booking: Booking, drain: Service
) -> None:
    sooner = make_booking(drain, booking.starts_at - timedelta(days=1))
    texted_about(sooner, timedelta(hours=5))
    texted_about(booking, timedelta(hours=1))
    text("YES")
    booking.refresh_from_db()
    sooner.refresh_from_db()
    assert (booking.says_yes, sooner.says_yes) == (True, False)
    assert thread(booking)[1][1].startswith("One of 2 bookings ahead under this number")
    texted_about(sooner, timedelta(minutes=1))
    text("LATE", "SM2")
    assert thread(sooner)[0] == ("customer_late", "LATE")


def test_never_texted_about_it_is_the_nearest_ahead(booking: Booking, drain: Service) -> None:
    make_booking(drain, timezone.now() - timedelta(hours=20), status=Status.COMPLETED)
    nearest = make_booking(drain, booking.starts_at - timedelta(hours=2))
    text("Thanks")
    assert [kind for kind, _ in thread(nearest)] == ["texted", "text_matched"]
    assert thread(booking) == []


def test_another_business_learns_nothing_of_it(booking: Booking, alex: Tradie) -> None:
    MessageSettings.objects.create(tradie=alex, takes_replies=True)
    other = make_booking(make_service(alex))
    texted_about(other, timedelta(hours=2))
    texted_about(booking, timedelta(hours=1))
    text("The code is 1234")
    assert thread(booking) == [("texted", "The code is 1234")]
    assert thread(other) == []


def test_stop_stands_in_the_thread_and_no_answer_goes(booking: Booking, sent: Sent) -> None:
    text("Stop", meant="STOP")
    text("Hello?", "SM2")
    assert OptOut.objects.filter(address=JO, started_at=None).exists()
    assert [detail for _, detail in thread(booking)] == ["Stop", "Hello?"]
    deliver_all(now=timezone.now())
    assert [one["to"] for one in sent.sms if one["to"] == JO] == []
    text("START", "SM3")
    assert not OptOut.objects.filter(address=JO, started_at=None).exists()


def test_who_does_not_take_replies_hears_of_none(drain: Service) -> None:
    booking = make_booking(drain)
    text("Hello")
    text("STOP", "SM2")
    assert thread(booking) == []
    assert written() == []
    assert OptOut.objects.filter(address=JO).exists()


def test_a_flood_has_an_end(booking: Booking) -> None:
    for number in range(60):
        text(f"Text {number}", f"SM{number}")
    assert len(thread(booking)) == text_replies.MOST_KEPT_A_DAY
    told = Message.objects.filter(kind="text_came_tradie", channel="email").count()
    assert told == text_replies.MOST_TOLD_A_DAY


def test_long_words_are_kept_whole(booking: Booking) -> None:
    words = "word " * 300
    text(words)
    assert "".join(detail for _, detail in thread(booking)) == words


def test_they_are_exported_and_erased_with_the_booking(booking: Booking, sam: Tradie) -> None:
    text("The key is under the mat")
    assign_missing(now=timezone.now())
    (history,) = (kind for kind in KINDS if kind.name == "booking_history")
    assert "The key is under the mat" in [row["detail"] for row in history.rows(sam)]
    Booking.objects.update(status=Status.COMPLETED)
    Message.objects.all().delete()
    booking.refresh_from_db()
    erase_customer(sam.customers.get(), now=booking.ends_at + timedelta(days=1))
    assert not BookingEvent.objects.filter(detail__contains="mat").exists()


@pytest.mark.django_db(transaction=True)
def test_there_and_back_through_the_gateway(booking: Booking, live_server: Any, settings: Any) -> None:
    """The product texts by the gateway, which hands on the answer over the wire: late, and three times."""
    settings.SMS_BACKEND = "notifications.channels.sms.TwilioBackend"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, SECRET, FROM
    settings.SITE_URL = live_server.url
    with FakeTwilio() as gateway:
        settings.TWILIO_API_BASE = gateway.url
        with transaction.atomic():
            messages.tell_moved(booking, now=timezone.now())
        deliver_all(now=timezone.now())
        assert [one["To"] for one in gateway.received] == [JO]
        assert gateway.hand_on(live_server.url, JO, "Yes", "SM9", copies=3) == [200, 200, 200]
        assert gateway.hand_on(live_server.url, JO, "No", "SM10", signed_with="somebody else") == [400]
    booking.refresh_from_db()
    assert booking.says_yes
    assert thread(booking) == [("attending", "Yes")]


@pytest.mark.parametrize("takes", [True, False])
def test_reminders_ask_for_it_where_it_is_heard(sent: Sent, drain: Service, takes: bool) -> None:
    starts = timezone.now().replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=3)
    MessageSettings.objects.create(tradie=drain.tradie, takes_replies=takes)
    booking = make_booking(drain, starts)
    messages.tell_reminder(booking, HOURS_BEFORE, now=starts - timedelta(hours=2))
    deliver_all(now=starts - timedelta(hours=2))
    (sms,) = sent.sms
    assert ("Reply YES or LATE. Move or cancel: https://" in sms["body"]) == takes
    assert len(sms["body"]) <= 160
