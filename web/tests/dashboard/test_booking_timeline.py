"""One booking's page: what comes first, all that happened in the order it did, and a message once more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import vobject
from django.db.models import F
from django.test import Client
from django.utils import timezone
from icalendar import Calendar as ICalendar

from accounts.models import AuditEntry, Service, Tradie, User
from bookings.messages import tell_confirmed
from bookings.models import Booking, EventKind, Status
from bookings.sending_again import ENOUGH, ENOUGH_FOR_THEM
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_tradie, owner_of, soon
from local.testing.sent import Sent, deliver, deliver_all
from notifications.models import Message, StoppedBy
from notifications.opt_outs import stop_texts
from notifications.outbox import TOO_MANY
from payments.models import Refund
from web.dashboard.timeline import MOST_LINES
from web.tests.page_forms import Browser

from .test_bookings_pages import past
from .test_today_page import pay


@pytest.fixture
def office(kim: User) -> Client:
    client = Browser()
    client.force_login(kim)
    return client


def address(booking: Booking) -> str:
    return f"/dashboard/bookings/{booking.pk}"


def lines(client: Client, booking: Booking) -> list[str]:
    """Of the timeline, as read, without when."""
    page = client.get(address(booking)).content.decode()
    found = re.findall(r"<li><time [^>]*>[^<]*</time>(.*?)</li>", page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in found]


def buttons(client: Client, booking: Booking) -> list[str]:
    """What can be done, in its order."""
    page = client.get(address(booking)).content.decode()
    bar = re.search(r'<div class="actions">(.*?)</div>', page, re.DOTALL)
    assert bar
    words = re.findall(r"<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>", bar[1], re.DOTALL)
    return [re.sub(r"<svg.*?</svg>|<span.*?</span>|\s+", " ", word).strip() for word in words]


class TestWhatComesFirst:
    def test_what_is_next_is_first_and_what_can_do_harm_is_last(
        self, office: Client, sam: Tradie, drain: Service
    ) -> None:
        asked = {"status": Status.REQUESTED, "confirmed_at": None}
        for booking, wanted in (
            (make_booking(drain), ["Call", "Map", "Move", "Repeat", "Add to my calendar", "Cancel booking"]),
            (make_booking(drain, **asked), ["Approve", "Call", "Map", "Add to my calendar", "Decline"]),
            (past(drain, 5), ["Mark done", "Call", "Map", "Move", "Repeat", "No-show", "Cancel booking"]),
            (past(drain, 30, status=Status.CANCELLED), ["Call", "Map"]),
            (
                make_booking(drain, call_wanted_since=timezone.now()),
                ["Called", "Call", "Map", "Move", "Repeat", "Add to my calendar", "Cancel booking"],
            ),
        ):
            assert buttons(office, booking) == wanted, booking.status

    def test_a_worker_is_offered_what_they_may(self, lee: User, drain: Service) -> None:
        client = Client()
        client.force_login(lee)
        assert buttons(client, make_booking(drain)) == ["Call", "Map", "Add to my calendar"]
        assert buttons(client, past(drain, 5)) == ["Mark done", "Call", "Map", "No-show"]


class TestTheTimeline:
    def test_it_tells_all_in_the_order_in_which_it_happened(
        self, office: Client, sam: Tradie, drain: Service
    ) -> None:
        booking, now = make_booking(drain), timezone.now()
        booking.events.update(at=now - timedelta(days=3))
        payment = pay(booking, paid_at=now - timedelta(days=2))
        booking.events.create(kind=EventKind.PAID, actor="customer", at=payment.paid_at, detail="$30")
        refund = Refund.objects.create(payment=payment, amount_cents=1_000, reason="x", created_at=now)
        booking.events.create(
            kind=EventKind.REFUND_REQUESTED, actor="tradie", at=now, detail="$10: came late"
        )
        tell_confirmed(booking, now=now)
        Message.objects.filter(audience="tradie").delete()
        Message.objects.filter(channel="sms").update(created_at=now - timedelta(days=1))
        office.post(f"{address(booking)}/notes", {"tradie_notes": "Bring a ladder"})
        assert refund.status == "requested"
        assert lines(office, booking) == [
            "Time held · Customer",
            "$30 deposit paid · Customer",
            "SMS to the customer: Booking confirmed waiting to be sent",
            "$10 refund: requested · Tradie came late",
            "Email to the customer: Booking confirmed waiting to be sent",
            "Note changed · Kim",
        ]

    def test_money_of_which_there_is_no_event_is_told_all_the_same(
        self, office: Client, drain: Service
    ) -> None:
        booking = make_booking(drain)
        pay(booking)
        assert lines(office, booking) == ["Time held · Customer", "$30 deposit paid"]

    def test_it_has_an_end_and_says_so(
        self, office: Client, drain: Service, django_assert_num_queries: Any
    ) -> None:
        booking = make_booking(drain)
        office.get(address(booking))
        with django_assert_num_queries(13):
            assert "Only the last" not in office.get(address(booking)).content.decode()
        for minute in range(120):
            at = timezone.now() + timedelta(minutes=minute)
            booking.events.create(kind=EventKind.NOTED, actor="tradie", at=at)
        with django_assert_num_queries(13):
            assert len(lines(office, booking)) == MOST_LINES
        assert "Only the last 100 lines are shown." in office.get(address(booking)).content.decode()

    def test_what_the_audit_log_says_of_a_booking_stands_there(
        self, office: Client, drain: Service, kim: User
    ) -> None:
        booking = make_booking(drain)
        pay(booking)
        office.post(f"{address(booking)}/cancel", {"reason": "Van broke down"})
        noted = AuditEntry.objects.filter(about=booking.reference)
        assert {entry.kind for entry in noted} == {"refund_requested", "booking_cancelled"}
        told = lines(office, booking)
        for said in ("$30 refund: requested · PeepoPay", "Cancelled · Kim Van broke down"):
            assert said in told


class TestSendingAgain:
    @pytest.fixture
    def booking(self, drain: Service, sent: Sent) -> Booking:
        """Its customer was told that it is booked."""
        booking = make_booking(drain)
        tell_confirmed(booking, now=timezone.now())
        deliver_all(now=timezone.now())
        return booking

    def press(self, client: Client, message: Message, key: object = None) -> str:
        """What the page then says."""
        page = client.post(
            f"/dashboard/bookings/{message.about}/messages/{message.pk}/again",
            {"key": str(key or uuid4())},
            follow=True,
        )
        assert page.status_code == 200
        (said,) = re.findall(
            r'class="notice notice--\w+"[^>]*>\s*(.*?)\s*</', page.content.decode(), re.DOTALL
        )[:1]
        return said

    def of(self, booking: Booking, channel: str = "email") -> Message:
        rows = Message.objects.filter(about=booking.pk, audience="customer", channel=channel)
        return rows.order_by("created_at", "sent_at")[0]

    def test_it_is_a_new_row_that_goes_the_same_way_to_where_they_are_reached_now(
        self, office: Client, booking: Booking, sent: Sent, kim: User
    ) -> None:
        Booking.objects.update(customer_email="jo@new.example.com")
        first, before = self.of(booking), len(sent.mails)
        assert "We&#x27;re sending it to Jo Citizen again." in self.press(office, first)
        again = Message.objects.exclude(pk=first.pk).get(kind="booking_confirmed", channel="email")
        assert (again.recipient, again.facts, again.state) == ("jo@new.example.com", first.facts, "waiting")
        first.refresh_from_db()
        assert first.state == "sent"
        deliver(again, now=timezone.now())
        assert [mail["To"] for mail in sent.mails[before:]] == ["jo@new.example.com"]
        event = booking.events.get(kind=EventKind.SENT_AGAIN)
        assert (event.who, event.detail) == ("Kim", "Email: booking confirmed")

    def test_pressed_twice_it_goes_once(self, office: Client, booking: Booking) -> None:
        key, count = uuid4(), Message.objects.count()
        for _ in range(2):
            self.press(office, self.of(booking), key)
        assert Message.objects.count() == count + 1
        assert booking.events.filter(kind=EventKind.SENT_AGAIN).count() == 1

    def test_three_an_hour_are_the_most_of_one_booking(
        self, office: Client, booking: Booking, settings: Any
    ) -> None:
        settings.RATE_LIMITS = False
        for _ in range(3):
            self.press(office, self.of(booking))
        count = Message.objects.count()
        assert self.press(office, self.of(booking)) == ENOUGH
        assert Message.objects.count() == count
        Message.objects.update(created_at=timezone.now() - timedelta(hours=1, minutes=1))
        assert "sending it" in self.press(office, self.of(booking))

    @pytest.mark.parametrize("channel", ["email", "sms"])
    def test_they_get_no_more_in_a_day_than_anybody_may_be_sent(
        self, channel: str, office: Client, booking: Booking
    ) -> None:
        said, before = [], Message.objects.count()
        for _ in range(5):
            said.append(self.press(office, self.of(booking, channel)))
            Message.objects.update(created_at=F("created_at") - timedelta(hours=2))
        sent_again = sum("sending it" in one for one in said)
        assert 0 < sent_again < 5
        assert said[sent_again:] == [ENOUGH_FOR_THEM] * (5 - sent_again)
        assert Message.objects.count() == before + sent_again

    def test_who_wants_no_texts_gets_none(self, office: Client, booking: Booking) -> None:
        stop_texts(booking.customer_phone, by=StoppedBy.REPLY, now=timezone.now())
        count = Message.objects.count()
        assert "they replied STOP" in self.press(office, self.of(booking, "sms"))
        assert Message.objects.count() == count

    def test_what_is_not_true_any_more_is_not_offered_and_not_sent(
        self, office: Client, booking: Booking
    ) -> None:
        count = Message.objects.count()
        for change in ({"status": Status.CANCELLED}, {"erased_at": timezone.now()}):
            Booking.objects.update(**{"status": Status.CONFIRMED, **change})
            assert "Send again" not in office.get(address(booking)).content.decode()
            assert "as things are now" in self.press(office, self.of(booking))
        Booking.objects.update(erased_at=None, sequence=1)
        moved = self.of(booking)
        Message.objects.filter(pk=moved.pk).update(kind="booking_moved")
        assert self.press(office, moved) == "That can&#x27;t be sent again. The booking was moved again."
        assert Message.objects.count() == count

    def test_only_what_is_not_on_its_way_and_was_the_customers_can_be(
        self, office: Client, booking: Booking
    ) -> None:
        tradies, mail = Message.objects.get(audience="tradie", channel="email"), self.of(booking)
        assert "can&#x27;t be sent again" in self.press(office, tradies)
        for state, offered in (
            ({"done_at": None, "sent_at": None}, 1),
            ({"sent_at": None, "skipped_because": "They want no reminders."}, 1),
            ({"sent_at": None, "skipped_because": TOO_MANY}, 2),
            ({"done_at": None, "sent_at": None, "dead_at": timezone.now()}, 2),
        ):
            usual = {"done_at": timezone.now(), "dead_at": None, "skipped_because": ""}
            Message.objects.filter(pk=mail.pk).update(**{**usual, **state})
            page = office.get(address(booking)).content.decode()
            assert page.count("Send again") == offered, state  # one is the SMS
            assert ("sending it" in self.press(office, mail)) == (offered == 2), state

    def test_only_with_its_own_booking_and_a_whole_page(
        self, office: Client, drain: Service, booking: Booking
    ) -> None:
        url = f"/messages/{self.of(booking).pk}/again"
        assert office.post(address(make_booking(drain)) + url, {"key": str(uuid4())}).status_code == 404
        stranger = Client()
        stranger.force_login(owner_of(make_tradie()))
        assert stranger.post(address(booking) + url, {"key": str(uuid4())}).status_code == 404
        count = Message.objects.count()
        assert "didn&#x27;t reach us" in office.post(address(booking) + url, follow=True).content.decode()
        assert Message.objects.count() == count


def test_the_calendar_file_is_the_tradies_and_no_key_to_the_customers_page(
    office: Client, sam: Tradie, drain: Service
) -> None:
    booking = make_booking(drain, soon(sam), customer_name="Zoë, of 7; the “Gap”")
    answer = office.get(f"{address(booking)}/booking.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{booking.reference}.ics"'
    (event,) = ICalendar.from_ical(answer.content).walk("VEVENT")
    again = vobject.readOne(answer.content.decode()).vevent
    assert str(event["summary"]) == again.summary.value == "Blocked drain: Zoë, of 7; the “Gap”"
    assert event["dtstart"].dt == again.dtstart.value == booking.starts_at
    assert str(event["url"]) == again.url.value == f"http://testserver{address(booking)}"
    assert token_of(booking) not in answer.content.decode()
    assert "manage" not in answer.content.decode()
