"""The list of bookings as a file: the rows that the list shows, in cells that a spreadsheet leaves as they are."""

from __future__ import annotations

import codecs
import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import Calendar
from bookings.models import Status
from local.testing.cast import at, make_booking, make_service, make_tradie, owner_of
from peepopay.local_time import in_zone
from web.dashboard.bookings_file import COLUMNS

from .test_bookings_pages import past
from .test_today_page import pay

PAGE = "/dashboard/bookings.csv"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def content_of(client: Client, **query: Any) -> bytes:
    answer = client.get(PAGE, query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(answer)  # type: ignore[arg-type]


def rows_of(client: Client, **query: Any) -> list[dict[str, str]]:
    text = content_of(client, **query).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_names_arrive_in_excel_as_they_are(dashboard: Client, drain: Service) -> None:
    """Excel believes the mark at the beginning, and without one takes a file for something else than UTF-8."""
    names = ["Zoë Ng", "阿明 Li, “Builder”", "O’Neil 🔧"]
    for name in names:
        make_booking(drain, customer_name=name)
    file = content_of(dashboard, show="all")
    text = (
        file.removeprefix(codecs.BOM_UTF8).decode()
        if file.startswith(codecs.BOM_UTF8)
        else file.decode("cp1252")
    )
    columns = ", ".join(f'"{name}" text' for name in COLUMNS)
    with connection.cursor() as cursor:  # another reader of such files than Python's
        cursor.execute(f"CREATE TEMPORARY TABLE sheet ({columns}) ON COMMIT DROP")
        with cursor.cursor.copy("COPY sheet FROM STDIN (FORMAT csv, HEADER MATCH)") as sheet:
            sheet.write(text)
        cursor.execute('SELECT "Customer", "Price"::numeric, "Date"::date FROM sheet')
        rows = cursor.fetchall()
    assert sorted(name for name, _, _ in rows) == sorted(names)
    assert {price for _, price, _ in rows} == {Decimal("120.00")}


def test_a_row_says_what_a_spreadsheet_can_count_with(dashboard: Client, drain: Service) -> None:
    booking = make_booking(
        drain, at("2026-01-14 08:00 +11:00"), customer_name="=Zoë", status=Status.COMPLETED
    )
    pay(booking, refunded_cents=1_050)
    assert content_of(dashboard, show="past").startswith(b"\xef\xbb\xbfDate,")
    assert rows_of(dashboard, show="past") == [
        {
            "Date": "2026-01-14",
            "Starts": "08:00",
            "Ends": "09:00",
            "Time zone": "AEDT",
            "Reference": booking.reference,
            "Status": "Done",
            "Service": "Blocked drain",
            "Who does it": booking.calendar.name,
            "Customer": "'=Zoë",
            "Phone": "0412 345 678",
            "Email": "jo@example.com",
            "Address": "1 George Street, Newtown NSW 2042",
            "Suburb": "Newtown",
            "Price": "120.00",
            "Deposit": "30.00",
            "Paid by card": "30.00",
            "Refunded to the card": "10.50",
        }
    ]


def test_the_hour_that_the_clocks_show_twice_is_told_apart(dashboard: Client, drain: Service) -> None:
    for offset in ("+11:00", "+10:00"):
        make_booking(drain, at(f"2026-04-05 02:30 {offset}"))
    told = [(row["Starts"], row["Time zone"]) for row in rows_of(dashboard, show="past")]
    assert told == [("02:30", "AEST"), ("02:30", "AEDT")]


def test_it_has_what_the_list_shows(dashboard: Client, drain: Service, sam: Tradie, van: Calendar) -> None:
    make_booking(drain, customer_name="Ann")
    make_booking(drain, customer_name="Bea", calendar=van)
    make_booking(drain, customer_name="Unpaid", status=Status.PENDING)
    past(drain, 30, customer_name="Ann Old")
    make_booking(make_service(make_tradie()), customer_name="Somebody else's")
    for query in (
        {},
        {"show": "all"},
        {"show": "past"},
        {"show": "action"},
        {"q": "ann", "show": "all"},
        {"calendar": van.pk},
        {"show": "nonsense", "page": "9"},
    ):
        listed = dashboard.get("/dashboard/bookings", {**query, "page": "1"}).context["page"].items
        assert [row["Reference"] for row in rows_of(dashboard, **query)] == [b.reference for b in listed], (
            query
        )
    assert rows_of(dashboard, q="nobody") == []


def test_the_list_leads_there_with_all_that_was_asked_for(
    dashboard: Client, drain: Service, sam: Tradie
) -> None:
    make_booking(drain, customer_name="O’Neil & Sons")
    page = dashboard.get("/dashboard/bookings", {"q": "o’neil &", "page": "1"}).content.decode()
    assert f'href="{PAGE}?q=o%E2%80%99neil+%26&amp;show=upcoming"' in page
    assert 'href="?q=o%E2%80%99neil+%26&amp;show=past"' in page
    today = in_zone(timezone.now(), sam.timezone).date()
    answer = dashboard.get(PAGE, {"show": "all"})
    assert answer["Content-Disposition"] == f'attachment; filename="bookings-all-{today}.csv"'


def test_the_office_may_and_a_worker_is_not_led_there(
    client: Client, drain: Service, kim: User, lee: User
) -> None:
    make_booking(drain)
    client.force_login(kim)
    assert len(rows_of(client)) == 1
    client.force_login(lee)
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/dashboard/bookings").content.decode()


def test_it_takes_as_many_queries_for_thirty_as_for_one(
    dashboard: Client, drain: Service, django_assert_num_queries: Any
) -> None:
    pay(make_booking(drain))
    content_of(dashboard)
    for more in (29, 0):
        with django_assert_num_queries(4):  # user, tradie, bookings, payments
            content_of(dashboard)
        for _ in range(more):
            pay(make_booking(drain))
