"""Somebody else is home: the customer says who, and how to get in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.models import Actor, Booking, EventKind, Status
from bookings.on_my_way import set_out
from bookings.on_site import MOST_A_DAY
from bookings.tokens import token_of
from local.testing.cast import booking_request, make_booking, owner_of, soon
from local.testing.sent import Sent, body, deliver_all
from web.tests.customer.test_manage_page import url_of

PAT = {"name": "Pat Tenant", "phone": "0411 222 333", "access_notes": "Key under the pot\nGate code 1234"}


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain, timezone.now() + timedelta(hours=1))


def test_it_is_said_on_the_page_of_the_booking_seen_by_the_business_and_taken_back(
    client: Client, booking: Booking, sam: Tradie
) -> None:
    assert "Someone else is home?" in client.get(url_of(booking)).content.decode()
    answer = client.post(url_of(booking, "/on-site"), PAT)
    assert answer["Location"] == url_of(booking) + "?done=on_site"
    page = client.get(answer["Location"]).content.decode()
    assert "Saved. They see it" in page
    assert "Pat Tenant</span>, 0411 222 333" in page
    assert 'value="0411 222 333"' in client.get(url_of(booking, "/on-site")).content.decode()
    dashboard = Client()
    dashboard.force_login(owner_of(sam))
    for address in ("/dashboard/", f"/dashboard/bookings/{booking.pk}"):
        shown = dashboard.get(address).content.decode()
        assert 'href="tel:+61411222333"' in shown
        assert "Gate code 1234" in shown
    event = booking.events.get(kind=EventKind.ON_SITE)
    assert (event.actor, event.detail) == ("customer", "")

    client.post(url_of(booking, "/on-site"), PAT)
    assert booking.events.filter(kind=EventKind.ON_SITE).count() == 1
    client.post(url_of(booking, "/on-site"), {"name": "", "phone": "", "access_notes": ""})
    booking.refresh_from_db()
    assert (booking.site_name, booking.site_phone, booking.access_notes) == ("", "", "")


def test_a_number_is_somebodys_and_after_the_job_nothing_changes(client: Client, booking: Booking) -> None:
    answer = client.post(url_of(booking, "/on-site"), {**PAT, "name": ""})
    assert answer.status_code == 400
    assert "Whose number is it?" in answer.content.decode()
    Booking.objects.update(status=Status.COMPLETED)
    assert client.get(url_of(booking, "/on-site"))["Location"] == url_of(booking)
    assert client.post(url_of(booking, "/on-site"), PAT)["Location"] == url_of(booking)
    assert "Someone else is home?" not in client.get(url_of(booking)).content.decode()
    booking.refresh_from_db()
    assert booking.site_name == ""


def test_it_can_be_changed_so_often_in_a_day(client: Client, booking: Booking) -> None:
    for number in range(MOST_A_DAY):
        client.post(url_of(booking, "/on-site"), {**PAT, "name": f"Pat {number}"})
    answer = client.post(url_of(booking, "/on-site"), PAT)
    assert "Please call" in answer.content.decode()
    booking.refresh_from_db()
    assert booking.site_name == f"Pat {MOST_A_DAY - 1}"


@pytest.mark.parametrize(
    ("phone", "texts"), [("+61411222333", 2), ("+61412345678", 1), ("+61295501234", 1), ("", 1)]
)
def test_who_is_home_is_texted_too_that_they_set_out_without_the_customers_link(
    booking: Booking, sent: Sent, phone: str, texts: int
) -> None:
    Booking.objects.update(site_name="Pat Tenant", site_phone=phone)
    booking.refresh_from_db()
    assert set_out(booking, by=By(Actor.TRADIE), now=timezone.now())
    deliver_all(now=timezone.now())
    assert len(sent.sms) == texts
    theirs = [text["body"] for text in sent.sms if text["to"] == phone != booking.customer_phone]
    if texts == 2:
        (said,) = theirs
        assert said.startswith("Sam's Plumbing: on our way to you for Jo Citizen's booking. Expect us about ")
        assert token_of(booking) not in said
        assert "/manage/" not in said


@pytest.mark.django_db(transaction=True)
def test_it_may_be_said_when_booking_and_is_told_to_both_sides(
    api: Any, sam: Tradie, quote: Service, sent: Sent
) -> None:
    asked = booking_request(quote, soon(sam))
    asked |= {"on_site": {"name": "Pat Tenant", "phone": "0411 222 333"}, "access_notes": "Gate code 1234"}
    made = api.post("/api/bookings", asked).json()["booking"]
    assert made["on_site"] == {"name": "Pat Tenant", "phone": "+61411222333"}
    assert made["access_notes"] == "Gate code 1234"
    deliver_all(now=timezone.now())
    (mail,) = [mail for mail in sent.mails if mail["To"] == "sam@example.com"]
    assert "Pat Tenant, 0411 222 333" in body(mail, "plain")
    assert "Gate code 1234" in body(mail, "html")
