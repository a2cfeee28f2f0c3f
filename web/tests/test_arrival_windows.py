"""Arrival windows on the pages and in the API: set on the service, read by the customer, kept by the booking."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking
from invoicing.quote_models import QuoteVersion
from local.testing.cast import Api, make_booking, make_service, owner_of, soon
from peepopay.local_time import iso
from web.tests.api.tradie_client import TradieClient
from web.tests.customer.test_manage_page import url_of
from web.tests.dashboard.test_quote_pages import filled_in
from web.tests.dashboard.test_services_pages import FORM
from web.tests.dashboard.test_today_page import let_it_be_morning, today_in

WINDOW = "between 9:00 and 11:00 am"


@pytest.fixture
def windowed(sam: Tradie) -> Service:
    return make_service(sam, arrival_window_minutes=120, deposit_kind="none", deposit_fixed_cents=0)


@pytest.fixture
def booking(windowed: Service) -> Booking:
    return make_booking(windowed, soon(windowed.tradie, days=10, hour=9))


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def test_it_is_chosen_in_words_and_an_odd_one_of_the_api_stays(dashboard: Client, sam: Tradie) -> None:
    dashboard.post("/dashboard/services/new", FORM | {"arrival_window_minutes": "120"})
    service = Service.objects.get()
    assert service.arrival_window_minutes == 120
    page = dashboard.get(f"/dashboard/services/{service.pk}").content.decode()
    assert re.findall(r'<option value="(\d+)"(?: selected)?>(At.*?|Within.*?)</option>', page) == [
        ("0", "At the exact time"),
        ("60", "Within 1 hour"),
        ("120", "Within 2 hours"),
        ("180", "Within 3 hours"),
        ("240", "Within 4 hours"),
    ]
    assert "arriving within 2 h" in text_of(dashboard.get("/dashboard/services"))
    sams = TradieClient(owner_of(sam))
    answer = sams.patch(f"/api/services/{service.pk}", {"arrival_window_minutes": 90})
    assert answer.json()["arrival_window_minutes"] == 90
    assert "Within 90 minutes" in text_of(dashboard.get(f"/dashboard/services/{service.pk}"))
    refused = sams.patch(f"/api/services/{service.pk}", {"arrival_window_minutes": 20})
    assert refused.json()["fields"] == {
        "arrival_window_minutes": ["An arrival window is 30 to 240 minutes; 0 is the exact time."]
    }


def test_the_public_api_says_it_of_service_and_booking(api: Api, windowed: Service) -> None:
    (told,) = api.get(f"/api/tradies/{windowed.tradie.slug}").json()["services"]
    assert told["arrival_window_minutes"] == 120
    assert told["in_short"] == "1 h, arrival within 2 h, nothing to pay now"
    made = api.book(windowed, soon(windowed.tradie, days=4)).json()["booking"]
    assert made["service"]["arrival_window_minutes"] == 120
    assert (made["start"], made["end"]) == (
        iso(soon(windowed.tradie, days=4), "Australia/Sydney"),
        iso(soon(windowed.tradie, days=4, hour=10), "Australia/Sydney"),
    )


def test_its_customer_reads_the_window_on_every_page(client: Client, booking: Booking) -> None:
    other = iso(soon(booking.tradie, days=11, hour=13), "Australia/Sydney")
    pages = [url_of(booking), url_of(booking, "/move"), url_of(booking, "/cancel")]
    for url in pages:
        said = text_of(client.get(url))
        assert WINDOW in said, url
        assert "9:00 am to" not in said, url
    asked = text_of(client.get(url_of(booking, "/move"), {"start": other}))
    assert asked.count("between 1:00 and 3:00 pm") == 3  # the heading, the new time, the button


def test_its_business_sees_the_window_and_the_time_it_planned(dashboard: Client, booking: Booking) -> None:
    said = text_of(dashboard.get(f"/dashboard/bookings/{booking.pk}"))
    assert f", {WINDOW} (1 h, planned for 9:00 am, A" in said
    assert "9:00 am to 11:00 am" in text_of(dashboard.get("/dashboard/bookings"))


def test_today_suggests_an_order_and_says_why_without_asking_the_database(
    dashboard: Client, windowed: Service, django_assert_num_queries: Any
) -> None:
    let_it_be_morning(windowed.tradie)
    at_ten = today_in(windowed.tradie, 10)
    with CaptureQueriesContext(connection) as before:
        dashboard.get("/dashboard/")
    for number, postcode in enumerate(("2042", "2750", "2043", "2747")):
        starts = at_ten + timedelta(hours=number)
        make_booking(
            windowed,
            starts,
            address_postcode=postcode,
            customer_name=f"Jo {postcode}",
            arrival_window_minutes=240,
        )
    page = dashboard.get("/dashboard/")
    said = text_of(page)
    assert "Suggested order About " in said
    assert "with every time you promised kept. Nothing moves by itself." in said
    order = said.partition("Suggested order")[2]
    assert order.index("Jo 2043") < order.index("Jo 2750")
    assert "moves along, and only ever later" in said
    with CaptureQueriesContext(connection) as queries:
        dashboard.get("/dashboard/")
    Booking.objects.update(arrival_window_minutes=0)
    with django_assert_num_queries(len(queries)):
        without = text_of(dashboard.get("/dashboard/"))
    assert "Suggested order" not in without
    assert "moves along" not in without
    assert len(before) <= len(queries)


def test_setting_out_late_says_whom_else_it_told(dashboard: Client, windowed: Service) -> None:
    let_it_be_morning(windowed.tradie)
    now = timezone.now().replace(second=0, microsecond=0)
    first = make_booking(windowed, now - timedelta(minutes=170), arrival_window_minutes=180)
    make_booking(windowed, now - timedelta(minutes=90))
    page = dashboard.post(f"/dashboard/bookings/{first.pk}/on-my-way", follow=True)
    assert (
        "We&#x27;re telling Jo Citizen that you&#x27;re on your way. You can&#x27;t be with 1 customer later today"
        " within the time you promised, so we&#x27;re telling them a later one."
    ) in page.content.decode()


def test_a_quote_promises_what_its_service_does(dashboard: Client, windowed: Service) -> None:
    dashboard.post("/dashboard/quotes/new", filled_in(dashboard, windowed) | {"save": "1"})
    Service.objects.update(arrival_window_minutes=0)
    assert QuoteVersion.objects.get().terms.arrival_window_minutes == 120
