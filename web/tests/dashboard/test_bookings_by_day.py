"""The list of bookings by day: what a day's heading counts, what has a badge, and what the list can be narrowed to."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar
from bookings.models import Booking, Status
from local.testing.cast import at, make_booking, make_service, make_tradie, owner_of, soon
from payments.models import PaymentKind
from peepopay.local_time import heading_of, in_zone

from .test_bookings_pages import past, shown
from .test_today_page import pay

LIST = "/dashboard/bookings"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def said(client: Client, **query: Any) -> str:
    """The list as it is read, a line each."""
    page = client.get(LIST, query)
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", "", page.content.decode().partition("<main")[2])
    return re.sub(r"\s*\n\s*", "\n", text)


def headings(client: Client, **query: Any) -> list[str]:
    return re.findall(r'class="job-day"[^>]*>([^<]+)<', client.get(LIST, query).content.decode())


def badges(client: Client, **query: Any) -> list[str]:
    return re.findall(r'class="status [^"]*">([^<]+)<', client.get(LIST, query).content.decode())


def heading(booking: Booking) -> str:
    zone_name = booking.tradie.timezone
    today, day = (in_zone(instant, zone_name).date() for instant in (timezone.now(), booking.starts_at))
    return heading_of(day, today)


class TestDays:
    def test_each_says_how_many_jobs_and_requests_it_has(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        first = make_booking(drain, soon(sam, days=3, hour=8))
        make_booking(drain, soon(sam, days=3, hour=16))
        make_booking(drain, soon(sam, days=3, hour=12), status=Status.REQUESTED, confirmed_at=None)
        second = make_booking(drain, soon(sam, days=4))
        off = make_booking(drain, soon(sam, days=5), status=Status.CANCELLED)
        assert headings(dashboard) == [f"{heading(first)}, 2 jobs, 1 request", f"{heading(second)}, 1 job"]
        assert headings(dashboard, show="all")[0] == heading(off)

    def test_they_are_those_of_the_tradies_clock(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        for hour in (0, 23):
            make_booking(drain, soon(sam, days=3, hour=hour))
        assert [found.partition(", ")[2] for found in headings(dashboard)] == ["2 jobs"]

    def test_one_that_goes_on_on_the_next_page_is_counted_whole(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        for number in range(27):
            days, hour = divmod(number, 9)
            booking = make_booking(drain, soon(sam, days=3 + days, hour=8 + hour))
        assert [found[-6:] for found in headings(dashboard)] == ["9 jobs"] * 3
        assert headings(dashboard, page=2) == [f"{heading(booking)}, 9 jobs"]

    @pytest.mark.parametrize(
        ("day", "read"),
        [
            ("2026-12-03", "Thursday 3 December"),
            ("2026-12-01", "Today, Tuesday 1 December"),
            ("2026-12-02", "Tomorrow, Wednesday 2 December"),
            ("2026-11-30", "Yesterday, Monday 30 November"),
            ("2027-01-14", "Thursday 14 January 2027"),
        ],
    )
    def test_they_are_read_as_people_say_them(self, day: str, read: str) -> None:
        today = at("2026-12-01 12:00 +11:00").date()
        assert heading_of(datetime.fromisoformat(day).date(), today) == read


class TestBadges:
    def test_what_is_as_it_should_be_has_none(self, dashboard: Client, drain: Service) -> None:
        pay(make_booking(drain))
        pay(past(drain, 30, status=Status.COMPLETED))
        assert (badges(dashboard), badges(dashboard, show="past")) == ([], [])

    def test_what_is_not_says_so(self, dashboard: Client, sam: Tradie, drain: Service) -> None:
        free = make_service(sam, name="Look", deposit_kind="none")
        now = timezone.now()
        for hours, found, fields in (
            (1, [], {}),
            (2, ["Waiting for approval"], {"status": Status.REQUESTED, "confirmed_at": None}),
            (3, ["Wants a call"], {"call_wanted_since": now}),
            (4, ["Asked to move"], {"asked_to_move_at": now}),
            (-30, ["Not marked done"], {}),
            (-40, ["No-show"], {"status": Status.NO_SHOW}),
            (-50, ["Cancelled"], {"status": Status.CANCELLED}),
        ):
            booking = past(free, -hours, **fields)
            assert badges(dashboard, show="all") == found, found
            booking.events.all().delete()
            booking.delete()

    def test_money_is_told_where_it_is_missing_or_went_back(self, dashboard: Client, drain: Service) -> None:
        booking = make_booking(drain)
        assert badges(dashboard) == ["Deposit of $30 not paid"]
        payment = pay(booking, refunded_cents=1_000, reserved_cents=500)
        assert badges(dashboard) == ["$15 back"]
        payment.kind = PaymentKind.BALANCE
        payment.save()
        assert badges(dashboard) == ["$15 back", "Deposit of $30 not paid"]

    def test_somebody_told_of_a_late_job_is_shown_with_the_time(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        pay(make_booking(drain, soon(sam, days=2, hour=9), late_minutes=20))
        assert badges(dashboard) == ["Told: about 9:20 am"]


class TestFilters:
    @pytest.fixture
    def look(self, sam: Tradie) -> Service:
        return make_service(sam, name="Look around", deposit_kind="none")

    def test_by_service_by_how_it_stands_and_by_day(
        self, dashboard: Client, sam: Tradie, drain: Service, look: Service
    ) -> None:
        ann = make_booking(drain, soon(sam, days=3), customer_name="Ann")
        bea = make_booking(look, soon(sam, days=4, hour=23), customer_name="Bea")
        make_booking(look, soon(sam, days=5), customer_name="Cy", status=Status.REQUESTED, confirmed_at=None)
        days = [in_zone(one.starts_at, sam.timezone).date().isoformat() for one in (ann, bea)]
        for query, names in (
            ({"service": look.pk}, ["Bea", "Cy"]),
            ({"status": "requested"}, ["Cy"]),
            ({"first": days[1]}, ["Bea", "Cy"]),
            ({"last": days[1]}, ["Ann", "Bea"]),
            ({"first": days[1], "last": days[1]}, ["Bea"]),
            ({"service": look.pk, "status": "confirmed", "q": "bea"}, ["Bea"]),
        ):
            assert shown(dashboard, **query) == names, query

    def test_odd_ones_narrow_nothing(self, dashboard: Client, drain: Service) -> None:
        make_booking(drain)
        others = make_service(make_tradie(), name="Somebody else’s")
        for query in ({"service": others.pk}, {"service": uuid4()}, {"service": "x"}, {"status": "odd"}):
            assert shown(dashboard, **query) == ["Jo Citizen"], query
            assert "Somebody else" not in said(dashboard, **query)

    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ({"first": "3 December"}, "Choose a day."),
            ({"first": "0001-01-01"}, "Choose a date between 2020 and 2100."),
            ({"last": "9999-12-31"}, "Choose a date between 2020 and 2100."),
            ({"first": "2026-12-03", "last": "2026-12-02"}, "That is before the first day."),
        ],
    )
    def test_what_can_not_be_is_said_where_it_was_chosen(
        self, query: dict[str, str], problem: str, dashboard: Client, drain: Service
    ) -> None:
        page = dashboard.get(LIST, query).content.decode()
        assert problem in page
        assert '<details class="filters" open>' in page

    def test_each_can_be_taken_off_and_stays_on_from_tab_to_tab(
        self, dashboard: Client, drain: Service
    ) -> None:
        make_booking(drain)
        page = dashboard.get(LIST, {"q": "jo", "service": drain.pk, "first": "2026-01-05"}).content.decode()
        assert f'href="?q=jo&amp;service={drain.pk}&amp;first=2026-01-05&amp;show=past"' in page
        assert 'href="?q=jo&amp;first=2026-01-05"><span>Service: <bdi>Blocked drain</bdi>' in page
        assert f'href="?q=jo&amp;service={drain.pk}"><span>From: <bdi>Mon 5 Jan 2026</bdi>' in page
        assert '<details class="filters">' in dashboard.get(LIST).content.decode()

    def test_a_list_with_nothing_in_it_says_why_and_where_to_go(
        self, dashboard: Client, drain: Service, van: Calendar
    ) -> None:
        for query, why, ways in (
            ({}, "Nothing is booked yet.", ["Share your booking page"]),
            ({"show": "action"}, "Nothing needs you.", []),
            ({"show": "past"}, "No job is over yet.", []),
            ({"show": "all"}, "Nothing was ever booked.", []),
            ({"page": "7"}, "The list ends before this page.", ["First page"]),
            ({"q": "zed"}, "No booking matches “zed” here.", ["Look in all bookings", "Clear the search"]),
            ({"q": "zed", "show": "all"}, "No booking matches “zed” here.", ["Clear the search"]),
            ({"calendar": van.pk}, "Nothing of Van 2 here.", ["Look in all bookings", "See everybody’s"]),
            ({"status": "no_show"}, "fits your filter.", ["Look in all bookings", "Clear the filters"]),
            (
                {"status": "no_show", "service": drain.pk, "calendar": van.pk},
                "fits your filters, and is Van 2’s.",
                ["Look in all bookings", "See everybody’s", "Clear the filters"],
            ),
        ):
            text = said(dashboard, **query)
            assert why in text, query
            offered = [
                way
                for way in (
                    "Share your booking page",
                    "Look in all bookings",
                    "First page",
                    "See everybody’s",
                    "Clear the search",
                    "Clear the filters",
                )
                if way in text
            ]
            assert offered == ways, query


def test_the_list_takes_as_many_queries_for_three_hundred_as_for_three(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    for days in (1, 2, 3):
        last = make_booking(drain, soon(sam, days=days))
        pay(last)
    dashboard.get(LIST)
    # user, tradie, bookings, payments, what is on the first and last day, who does the jobs, services
    with django_assert_num_queries(7):
        dashboard.get(LIST)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO bookings_booking
               SELECT (jsonb_populate_record(b, jsonb_build_object(
                   'id', gen_random_uuid(), 'reference', 'NEW-' || n, 'token_hash', 'new ' || n,
                   'starts_at', b.starts_at + n * interval '3 hours', 'ends_at', b.ends_at + n * interval '3 hours',
                   'period', tstzrange(lower(b.period) + n * interval '3 hours',
                                       upper(b.period) + n * interval '3 hours')))).*
               FROM bookings_booking b, generate_series(1, 297) n WHERE b.id = %s""",
            [last.pk],
        )
    assert Booking.objects.count() == 300
    for query in ({}, {"show": "all"}, {"q": "jo"}, {"first": "2026-01-05"}):
        with django_assert_num_queries(7):
            assert len(dashboard.get(LIST, query).context["page"].items) == 25
