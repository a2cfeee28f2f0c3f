"""The page of a booking is never a dead end, and tells the truth whatever became of the payment."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, soon
from local.testing.sent import Sent, body, deliver_all
from payments.models import Payment, PaymentStatus
from peepopay.local_time import clock, iso, moment
from web.tests.customer.test_manage_page import url_of
from web.tests.customer.test_moving import text_of


def start_paying(booking: Booking, status: PaymentStatus = PaymentStatus.OPEN) -> Payment:
    return Payment.objects.create(
        booking=booking,
        account_id="acct_demo_joe",
        amount_cents=booking.deposit_cents,
        status=status,
        intent_id=f"pi_{booking.pk.hex}",
        sent="{}",
        created_at=timezone.now(),
    )


def links_of(page: Any) -> list[str]:
    return [
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/book/[^"]*)"', page.content.decode())
    ]


def wanted_by(link: str) -> dict[str, str]:
    """What the widget is asked for, with the part that no server sees."""
    parts = urlsplit(link)
    return {name: values[0] for name, values in parse_qs(f"{parts.query}&{parts.fragment}").items()}


def test_a_time_that_waits_for_a_day_is_said_with_its_day(client: Client, drain: Service) -> None:
    until = timezone.now() + timedelta(hours=20)
    booking = make_booking(drain, status=Status.PENDING, held_until=until)
    start_paying(booking)
    said = f"This time is held for you until {moment(until, 'Australia/Sydney')}."
    assert said in text_of(client.get(url_of(booking)))


def test_an_unpaid_hold_can_be_paid_until_it_ends(client: Client, drain: Service) -> None:
    booking = make_booking(drain, status=Status.PENDING)
    start_paying(booking)
    page = client.get(url_of(booking))
    text = text_of(page)
    assert booking.held_until is not None
    assert f"held for you until {clock(booking.held_until, 'Australia/Sydney')}." in text
    assert "Pay $30 to keep this time" in text
    (link,) = links_of(page)
    assert link.startswith("http://testserver/book/sam-plumber?") or "/book/sam-plumber?" in link
    assert wanted_by(link) == {
        "service": str(drain.pk),
        "booking": str(booking.pk),
        "token": token_of(booking),
    }
    assert token_of(booking) not in urlsplit(link).query


def test_a_hold_whose_time_is_up_leads_to_the_nearest_times_instead(client: Client, drain: Service) -> None:
    starts = soon(drain.tradie, days=5, hour=10)
    for status in (Status.PENDING, Status.EXPIRING, Status.EXPIRED):
        held_until = None if status == Status.EXPIRED else timezone.now() - timedelta(seconds=5)
        booking = make_booking(drain, starts, status=status, held_until=held_until)
        page = client.get(url_of(booking))
        assert "to keep this time" not in text_of(page)
        wanted = [wanted_by(link) for link in links_of(page)]
        times = [one["start"] for one in wanted if "start" in one]
        assert len(times) == 3
        assert {one["token"] for one in wanted if "start" in one} == {token_of(booking)}
        Booking.objects.all().delete()
    assert iso(starts, "Australia/Sydney") in times  # nobody took it meanwhile


@pytest.mark.parametrize("status", [Status.LOST, Status.DECLINED])
def test_a_time_that_was_lost_leads_to_the_three_nearest(
    status: Status, client: Client, drain: Service
) -> None:
    starts = soon(drain.tradie, days=5, hour=10)
    booking = make_booking(drain, starts, status=status)
    make_booking(drain, starts)
    page = client.get(url_of(booking))
    times = [one["start"] for one in map(wanted_by, links_of(page)) if "start" in one]
    assert len(times) == 3
    assert iso(starts, "Australia/Sydney") not in times


def test_a_service_that_is_not_sold_any_more_leads_to_the_booking_page(
    client: Client, drain: Service
) -> None:
    booking = make_booking(drain, status=Status.EXPIRED)
    Service.objects.update(is_active=False)
    page = client.get(url_of(booking))
    assert page.context["other_times"] == []
    assert "/book/sam-plumber" in page.content.decode()


@pytest.mark.parametrize(
    ("status", "payment", "said", "unsaid"),
    [
        (Status.EXPIRED, None, "Nothing was charged.", "If you did pay"),
        (Status.EXPIRED, PaymentStatus.CANCELED, "Nothing was charged.", "If you did pay"),
        (
            Status.EXPIRED,
            PaymentStatus.PROCESSING,
            "If you did pay, you get the booking",
            "Nothing was charged.",
        ),
        (Status.CANCELLED, None, "Nothing was paid", "No payment has reached us."),
        (Status.CANCELLED, PaymentStatus.OPEN, "No payment has reached us.", "Nothing was paid"),
        (Status.PENDING, PaymentStatus.PROCESSING, "Just paid?", "Nothing was charged."),
    ],
)
def test_it_never_says_that_nothing_was_paid_while_that_may_yet_arrive(
    status: Status, payment: PaymentStatus | None, said: str, unsaid: str, client: Client, drain: Service
) -> None:
    booking = make_booking(drain, status=status)
    if payment:
        start_paying(booking, payment)
    text = text_of(client.get(url_of(booking)))
    assert (said in text, unsaid in text) == (True, False)


def test_asking_for_the_payment_says_when_stripe_is_away(
    client: Client, drain: Service, settings: Any
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    booking = make_booking(drain, status=Status.PENDING)
    start_paying(booking)
    answer = client.post(url_of(booking), {"paid": "1"})
    assert answer["Location"] == url_of(booking) + "?done=away"
    assert "reach the card service" in text_of(client.get(answer["Location"]))


def test_the_page_shows_the_time_to_which_a_hold_moved_while_it_was_being_paid(
    client: Client, drain: Service
) -> None:
    booking = make_booking(drain, soon(drain.tradie, days=5, hour=10), status=Status.PENDING)
    start_paying(booking)
    Booking.objects.update(**booking.terms.times(soon(drain.tradie, days=5, hour=14)))
    text = text_of(client.get(url_of(booking)))
    assert "2:00 pm to 3:00 pm" in text
    assert "10:00 am" not in text


def test_the_mail_about_a_lost_time_links_to_the_three_nearest(sent: Sent, drain: Service) -> None:
    starts, now = soon(drain.tradie, days=5, hour=10), timezone.now()
    booking = make_booking(drain, starts, status=Status.LOST)
    make_booking(drain, starts)
    messages.tell_lost(booking, refund_cents=3_000, now=now)
    deliver_all(now=now)
    (mail,) = sent.mails
    for part in ("plain", "html"):
        found = re.findall(r"https?://[^\s\"]*/book/[^\s\"]*start=[^\s\"]*", body(mail, part))
        assert len(found) == 3
        assert {wanted_by(link.replace("&amp;", "&"))["token"] for link in found} == {token_of(booking)}


def test_links_fill_in_calendars_on_the_web_without_the_secret(client: Client, drain: Service) -> None:
    booking = make_booking(drain, service_name="Drain & gutter, 50% off")
    page = client.get(url_of(booking)).content.decode()
    found = re.findall(r'href="(https://(?:calendar\.google|outlook\.live)\.com[^"]*)"', page)
    google, outlook = (wanted_by(link.replace("&amp;", "&")) for link in found)
    start = booking.starts_at
    assert google["dates"].partition("/")[0] == start.strftime("%Y%m%dT%H%M%SZ")
    assert google["text"] == outlook["subject"] == "Drain & gutter, 50% off - Sam's Plumbing"
    assert outlook["startdt"] == start.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert google["location"] == outlook["location"] == "1 George Street, Newtown NSW 2042"
    assert token_of(booking) not in "".join(found)
