"""Reports: what the bookings of some days came to, beside those before, and each table as a file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from bookings.models import Actor, BookingEvent, Customer, EventKind, Status
from ledger import reports as books
from ledger.chart import REVENUE, Account
from ledger.models import Entry, JournalKind
from local.testing.cast import at, make_booking, make_service, owner_of
from peepopay.local_time import in_zone

from .money import done, paid_booking, refund

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/reports"
MARCH = "?period=own&first=2026-03-02&last=2026-03-29"
FILES = ("summary", "weeks", "services", "ahead", "hours")


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def read(client: Client, name: str, query: str = MARCH) -> list[list[str]]:
    answer = client.get(f"{PAGE}/{name}.csv{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")), strict=True))  # type: ignore[arg-type]


@pytest.fixture
def march(sam: Tradie, drain: Service) -> Service:
    """Two weeks of Sam's: three jobs in the first, to one of which nobody was there; a cancelled one in the second.
    The second service is called by a formula."""
    jo = Customer.objects.create(tradie=sam, name="Jo", created_at=timezone.now(), seen_at=timezone.now())
    formula = make_service(sam, name="=1+1", position=1)
    made = {"created_at": at("2026-02-28 12:00 +11:00")}
    make_booking(drain, at("2026-02-20 08:00 +11:00"), customer=jo, status=Status.COMPLETED, **made)
    make_booking(drain, at("2026-03-03 08:00 +11:00"), customer=jo, status=Status.COMPLETED, **made)
    make_booking(drain, at("2026-03-03 10:00 +11:00"), status=Status.NO_SHOW, **made)
    make_booking(formula, at("2026-03-07 08:30 +11:00"), **made)
    off = make_booking(drain, at("2026-03-09 08:00 +11:00"), status=Status.CANCELLED, **made)
    BookingEvent.objects.create(booking=off, kind=EventKind.CANCELLED, actor=Actor.CUSTOMER, at=off.starts_at)
    return formula


def test_before_any_booking_it_says_what_will_be_here(dashboard: Client, drain: Service) -> None:
    make_booking(drain, status=Status.PENDING)
    assert "As soon as customers book, you see here" in text_of(dashboard.get(PAGE))


def test_days_without_anything_say_so(dashboard: Client, march: Service) -> None:
    page = text_of(dashboard.get(f"{PAGE}?period=own&first=2020-01-01&last=2020-01-31"))
    assert "Nothing in these days, nor in those before." in page


def test_it_counts_jobs_beside_those_of_the_days_before(dashboard: Client, march: Service) -> None:
    page = text_of(dashboard.get(PAGE + MARCH))
    assert "2 to 29 Mar 2026, beside 2 Feb to 1 Mar 2026" in page
    assert read(dashboard, "summary") == [
        ["What", "2 to 29 Mar 2026", "2 Feb to 1 Mar 2026"],
        ["Jobs", "3", "1"],
        ["Cancelled by customers", "1 of 4 (25%)", "0 of 1 (0%)"],
        ["Cancelled by you", "0 of 4 (0%)", "0 of 1 (0%)"],
        ["No-shows", "1 of 3 (33%)", "0 of 1 (0%)"],
        ["New customers", "0", "1"],
        ["Customers who came back", "1", "0"],
        ["Received", "0.00", "0.00"],
        ["Earned, without GST", "0.00", "0.00"],
    ]
    assert all(cell in page for cell in ("1 of 4 (25%)", "1 of 3 (33%)", "Customers who came back 1 0"))


def test_each_table_is_a_file_in_which_nothing_is_a_formula(dashboard: Client, march: Service) -> None:
    money = ["0.00", "0.00"]
    assert read(dashboard, "weeks") == [
        ["Week", "Jobs", "Cancelled", "No-shows", "Received", "Earned, without GST"],
        ["2 to 8 Mar 2026", "3", "0", "1", *money],
        ["9 to 15 Mar 2026", "0", "1", "0", *money],
        ["16 to 22 Mar 2026", "0", "0", "0", *money],
        ["23 to 29 Mar 2026", "0", "0", "0", *money],
    ]
    assert read(dashboard, "services")[1:] == [
        ["Blocked drain", "2", "1", "1", *money],
        ["'=1+1", "1", "0", "0", *money],
    ]
    assert read(dashboard, "ahead") == [
        ["How far ahead", "Bookings", "Share"],
        ["On the day itself", "0", "0%"],
        ["The day before", "0", "0%"],
        ["2 to 3 days", "2", "50%"],
        ["4 to 7 days", "1", "25%"],
        ["8 to 14 days", "1", "25%"],
        ["15 to 28 days", "0", "0%"],
        ["More than 4 weeks", "0", "0%"],
    ]
    assert read(dashboard, "hours") == [
        ["From", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        ["8 am", "0", "1", "0", "0", "0", "1", "0"],
        ["9 am", "0", "0", "0", "0", "0", "0", "0"],
        ["10 am", "0", "1", "0", "0", "0", "0", "0"],
    ]
    assert "=1+1" in dashboard.get(PAGE + MARCH).content.decode()
    assert dashboard.get(f"{PAGE}/profit.csv").status_code == 404


def test_money_is_what_the_books_say(dashboard: Client, sam: Tradie) -> None:
    """One by one, over the change of the clocks on 5 April 2026."""
    moments = [at("2026-03-29 23:59 +11:00"), at("2026-03-30 00:01 +11:00"), at("2026-04-05 23:59 +10:00")]
    bookings = [paid_booking(sam, moment) for moment in moments]
    done(bookings[0], moments[0])
    done(bookings[2], moments[2] + timedelta(hours=1))
    refund(bookings[1], 1_100, moments[2])
    earned: Counter[Any] = Counter()
    received: Counter[Any] = Counter()
    for entry in Entry.objects.select_related("journal__booking"):
        day = in_zone(entry.journal.at, sam.timezone).date()
        for key in (day - timedelta(days=day.weekday()), entry.journal.booking.service_id):
            earned[key] -= entry.cents * (entry.account in REVENUE)
            received[key] += entry.cents * (
                entry.account == Account.STRIPE and entry.journal.kind == JournalKind.DEPOSIT
            )
    first, until = moments[0].date() - timedelta(days=30), moments[0].date() + timedelta(days=30)
    found = {**books.by_week(sam, first, until), **books.by_service(sam, first, until)}
    assert {key: figures.earned_cents for key, figures in found.items()} == earned
    assert {key: figures.received_cents for key, figures in found.items()} == received
    by_week = books.by_week(sam, first, until)
    assert books.total(by_week.values()) == books.figures(sam, first, until)
    query = "?period=own&first=2026-03-23&last=2026-04-12"
    assert [row[4:] for row in read(dashboard, "weeks", query)[1:]] == [
        ["110.00", "100.00"],
        ["220.00", "0.00"],
        ["0.00", "100.00"],
    ]
    assert [row[:2] for row in read(dashboard, "summary", query)[-2:]] == [
        ["Received", "330.00"],
        ["Earned, without GST", "200.00"],
    ]


def test_the_office_sees_it_without_the_money_and_a_worker_not_at_all(
    client: Client, kim: User, lee: User, march: Service
) -> None:
    client.force_login(kim)
    page = text_of(client.get(PAGE + MARCH))
    assert "No-shows" in page
    files = " ".join(cell for name in FILES for row in read(client, name) for cell in row)
    assert not [word for word in ("Received", "Earned", "$") if word in page + files]
    client.force_login(lee)
    assert client.get(PAGE).status_code == client.get(f"{PAGE}/weeks.csv").status_code == 403
    assert PAGE not in client.get("/dashboard/more").content.decode()


def test_another_business_counts_for_nothing(
    dashboard: Client, sam: Tradie, march: Service, alex: Tradie
) -> None:
    before = [read(dashboard, name) for name in FILES]
    make_booking(make_service(alex), at("2026-03-03 08:00 +11:00"))
    assert [read(dashboard, name) for name in FILES] == before


def test_it_says_in_words_how_far_ahead_and_when(dashboard: Client, drain: Service) -> None:
    for day in range(2, 14):
        starts = at(f"2026-03-{day:02} 08:00 +11:00")
        make_booking(drain, starts, created_at=starts - timedelta(days=1 if day < 10 else 21))
    make_booking(drain, at("2026-03-03 10:00 +11:00"), created_at=at("2026-03-02 10:00 +11:00"))
    page = text_of(dashboard.get(PAGE + MARCH))
    assert "Half of the bookings are made on the day before the job or later." in page
    assert "One in ten is made 3 weeks ahead or earlier." in page
    assert "The busiest hour is Monday, 8 am to 9 am: 2 jobs begin in it." in page
    assert "The busiest day is Tuesday, with 3." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("period=own&first=2026-03-02", "Choose a date."),
        ("period=own&first=2026-03-02&last=2026-03-01", "Choose the first day, or a later one."),
        ("period=own&first=2024-03-02&last=2026-03-03", "Choose two years at most."),
        ("period=own&first=0001-01-01&last=0001-01-01", "Choose a date from 2000 to 2099."),
        ("period=own&first=x&last=2026-13-01", "Enter a valid date."),
    ],
)
def test_odd_dates_are_said_and_the_last_weeks_are_shown(
    dashboard: Client, march: Service, query: str, said: str
) -> None:
    page = dashboard.get(f"{PAGE}?{query}")
    assert said in text_of(page)
    assert page.context["report"].period.days == 28
    assert len(read(dashboard, "weeks", f"?{query}")) > 4


def test_whatever_stands_in_the_address_a_page_comes(dashboard: Client, march: Service) -> None:
    for query in (
        "period=moon",
        "period=",
        "first=2026-01-01",
        "period=own&first=2099-01-01&last=2099-12-31",
    ):
        assert dashboard.get(f"{PAGE}?{query}").status_code == 200
    own = dashboard.get(f"{PAGE}?period=own&first=2024-03-02&last=2026-03-02")
    assert own.context["report"].period.days == 731


def test_it_takes_as_many_queries_for_three_as_for_one(
    dashboard: Client, march: Service, django_assert_num_queries: Any
) -> None:
    counts = {
        "": 16,
        "/summary.csv": 10,
        "/weeks.csv": 4,
        "/services.csv": 5,
        "/ahead.csv": 3,
        "/hours.csv": 3,
    }
    for number in range(2):
        for path, queries in counts.items():
            with django_assert_num_queries(queries):
                b"".join(dashboard.get(f"{PAGE}{path}{MARCH}"))
        for hour in range(3):
            make_booking(march, at(f"2026-03-1{number} 0{hour + 1}:00 +11:00"), status=Status.CANCELLED)
            make_booking(march, at(f"2026-03-1{number} 1{hour + 1}:00 +11:00"))


def test_promises_kept_are_always_shown_to_the_business(dashboard: Client, drain: Service) -> None:
    assert "No job of the last year is marked done yet." in text_of(dashboard.get(PAGE))
    began = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    make_booking(drain, began, status=Status.COMPLETED)
    make_booking(drain, began - timedelta(hours=2), status=Status.COMPLETED, late_minutes=30)
    said = text_of(dashboard.get(PAGE))
    assert "1 of 2 jobs of the last year went as promised" in said
    assert "Not on time: 1" in said
    assert "Only you see it." in said
