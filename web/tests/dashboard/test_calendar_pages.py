"""The calendar: every job, break and special date where it belongs, for whoever may see it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from bookings.models import Booking, Status
from local.testing.cast import at, make_booking, make_service, owner_of, soon
from local.testing.pressing import ONE_PAGE
from peepopay.local_time import in_zone
from web.dashboard.calendar_grid import rows

WEEK = "/dashboard/calendar?date=2027-01-14"
DAY = f"{WEEK}&show=day"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def columns(dashboard: Client, address: str) -> list[Any]:
    return [column for column, *_ in dashboard.get(address).context["columns"]]


def entries(column: Any) -> list[tuple[int, int]]:
    return [(placed.entry.starts, placed.entry.ends) for placed in column.entries]


def test_a_job_stands_on_its_day_with_its_buffers_and_nothing_cancelled_does(
    dashboard: Client, sam: Tradie
) -> None:
    service = make_service(sam, buffer_before_minutes=10, buffer_after_minutes=30)
    make_booking(service, at("2027-01-14 09:30 +11:00"), customer_name="Thursday Thea")
    make_booking(service, at("2027-01-15 09:30 +11:00"), customer_name="Gone Gus", status=Status.CANCELLED)
    make_booking(service, at("2027-01-18 09:30 +11:00"), customer_name="Next Nora")
    page = dashboard.get(WEEK).content.decode()
    assert ("Thursday Thea" in page, "Gone Gus" in page, "Next Nora" in page) == (True, False, False)
    days = columns(dashboard, WEEK)
    assert [column.day for column in days] == [date(2027, 1, 11) + timedelta(days=n) for n in range(7)]
    assert "arrive by" not in page
    Booking.objects.update(arrival_window_minutes=120)
    assert "arrive by 11:30 am" in dashboard.get(WEEK).content.decode()
    (placed,) = days[3].entries
    assert placed.rows == "from-2 past-30 to-3 until-30"  # the page begins at seven
    assert placed.before == "from-2 past-20 to-2 until-30"
    assert placed.after == "from-3 past-30 to-4 until-0"


def test_time_off_special_dates_and_holidays_are_said(dashboard: Client, sam: Tradie) -> None:
    mine = sam.calendars.get()
    Tradie.objects.filter(pk=sam.pk).update(closed_on_public_holidays=True)
    weekly = {"starts_at": at("2027-01-07 12:00 +11:00"), "ends_at": at("2027-01-07 13:00 +11:00")}
    TimeOff.objects.create(calendar=mine, repeats="weekly", reason="School run", **weekly)
    away = {"starts_at": at("2027-01-15 00:00 +11:00"), "ends_at": at("2027-01-17 00:00 +11:00")}
    TimeOff.objects.create(calendar=mine, **away)
    DateException.objects.create(
        calendar=mine, date=date(2027, 1, 13), opens_minute=480, closes_minute=720, reason="Show day"
    )
    DateException.objects.create(calendar=mine, date=date(2027, 1, 12))
    days = columns(dashboard, WEEK)
    assert [entries(column) for column in days] == [[], [], [], [(720, 780)], [(0, 1440)], [(0, 1440)], []]
    assert [[note for _, note in column.notes] for column in days[:3]] == [
        [],
        ["Closed"],
        ["Other hours: Show day"],
    ]
    assert [column.is_closed for column in days] == [False, True, *[False] * 5]
    holiday = columns(dashboard, "/dashboard/calendar?show=day&date=2027-01-26")[0]
    assert ([note for _, note in holiday.notes], holiday.is_closed) == (["Australia Day"], True)
    assert "School run" in dashboard.get(WEEK).content.decode()


@pytest.mark.parametrize(
    ("starts", "ends", "first", "second"),
    [
        ("2027-01-14 23:00 +11:00", 120, [(1380, 1440)], [(0, 60)]),
        ("2027-01-14 22:00 +11:00", 120, [(1320, 1440)], []),
        ("2027-04-04 01:30 +11:00", 60, [(90, 150)], []),  # to the first half past two
        ("2027-04-04 02:30 +11:00", 60, [(150, 165)], []),  # from one half past two to the other
    ],
)
def test_a_job_over_midnight_or_a_change_of_clocks_stays_on_the_page(
    starts: str, ends: int, first: Any, second: Any, dashboard: Client, sam: Tradie
) -> None:
    make_booking(make_service(sam, duration_minutes=ends), at(starts))
    day = date.fromisoformat(starts[:10])
    shown = [
        columns(dashboard, f"/dashboard/calendar?show=day&date={day + timedelta(days=n)}")[0] for n in (0, 1)
    ]
    assert [entries(column) for column in shown] == [first, second]


def test_a_day_has_a_column_for_each_and_a_week_says_whose_it_is(
    dashboard: Client, sam: Tradie, drain: Service, van: Calendar
) -> None:
    make_booking(drain, at("2027-01-14 09:00 +11:00"), calendar=van, customer_name="Vera")
    assert [column.calendar.name for column in columns(dashboard, DAY)] == ["Sam", "Van 2"]
    assert [len(column.entries) for column in columns(dashboard, DAY)] == [0, 1]
    assert "Van 2</span>" in dashboard.get(WEEK).content.decode().partition("Vera")[2]
    first = sam.calendars.exclude(pk=van.pk).get()
    assert "Vera" not in dashboard.get(f"{WEEK}&calendar={first.pk}").content.decode()
    Calendar.objects.filter(pk=van.pk).update(is_active=False)
    assert [column.calendar.name for column in columns(dashboard, DAY)] == ["Sam", "Van 2"]  # a job is left
    assert [column.calendar.name for column in columns(dashboard, f"{DAY}&date=2027-01-15")] == ["Sam"]


def test_a_worker_sees_their_own_and_changes_nothing(
    client: Client, sam: Tradie, drain: Service, van: Calendar, lee: User
) -> None:
    Calendar.objects.filter(pk=van.pk).update(worker=lee)
    make_booking(drain, at("2027-01-14 09:00 +11:00"), calendar=van, customer_name="Vera")
    make_booking(drain, at("2027-01-14 09:00 +11:00"), customer_name="Sid")
    client.force_login(lee)
    page = client.get(WEEK).content.decode()
    assert ("Vera" in page, "Sid" in page, "time-off" in page) == (True, False, False)
    first = sam.calendars.exclude(pk=van.pk).get()
    assert not re.search(r"\bSid\b", client.get(f"{WEEK}&calendar={first.pk}").content.decode())


def test_an_hour_pressed_is_blocked_and_one_comes_back(dashboard: Client, sam: Tradie) -> None:
    tomorrow = in_zone(timezone.now(), sam.timezone).date() + timedelta(days=1)
    page = dashboard.get(f"/dashboard/calendar?show=day&date={tomorrow}").content.decode()
    (address,) = re.findall(rf'href="(/dashboard/time-off/new\?start={tomorrow}T09%3A00)"', page)
    shown = dashboard.get(address).context["form"]
    typed = {name: str(shown[name].value() or "") for name in shown.fields}
    saved = dashboard.post(address, {**typed, **ONE_PAGE, "starts_time": "09:00", "ends_time": "10:00"})
    assert saved["Location"] == f"/dashboard/calendar?date={tomorrow}"
    block = TimeOff.objects.get()
    local = [in_zone(instant, sam.timezone) for instant in (block.starts_at, block.ends_at)]
    assert [(one.date(), one.hour) for one in local] == [(tomorrow, 9), (tomorrow, 10)]


def test_an_hour_pressed_leads_to_a_booking_then(
    dashboard: Client, sam: Tradie, drain: Service, van: Calendar
) -> None:
    start = soon(sam)
    page = dashboard.get(
        f"/dashboard/time-off/new?start={start:%Y-%m-%dT%H:%M}&calendar={van.pk}"
    ).content.decode()
    (address,) = re.findall(r'href="(/dashboard/bookings/new[^"]*)"', page)
    form = dashboard.get(address.replace("&amp;", "&")).context["form"]
    shown = [form[name].value() for name in ("day", "start", "calendar", "other_time")]
    assert shown == [start.date(), start.isoformat(), str(van.pk), None]
    odd = dashboard.get(f"/dashboard/bookings/new?start={start:%Y-%m-%d}T19:10").context["form"]
    assert (odd["start"].value(), odd["other_time"].value()) == ("another", time(19, 10))


@pytest.mark.parametrize(
    ("start", "starts", "until"),
    [
        ("2027-01-14T09:00", "09:00", "10:00"),
        ("2027-01-14T23:00", "23:00", ""),
        ("2027-01-14", "", ""),
    ],
)
def test_the_form_starts_at_what_was_pressed(start: str, starts: str, until: str, dashboard: Client) -> None:
    form = dashboard.get(f"/dashboard/time-off/new?start={start}").context["form"]
    assert form["starts_on"].value() == date(2027, 1, 14)
    shown = [form[name].value() for name in ("starts_time", "ends_time")]
    assert [f"{value:%H:%M}" if value else "" for value in shown] == [starts, until]


@pytest.mark.parametrize("start", ["nonsense", "0001-01-01", "9999-12-31T09:00", "2027-01-14T25:00", "T"])
def test_an_odd_start_is_an_empty_form(start: str, dashboard: Client) -> None:
    assert (
        dashboard.get(f"/dashboard/time-off/new?start={start}").context["form"]["starts_on"].value() is None
    )


@pytest.mark.parametrize("query", ["date=9999-12-31", "date=x", "show=year", "calendar=x", "calendar=1"])
def test_an_odd_address_shows_this_week(query: str, dashboard: Client, sam: Tradie) -> None:
    today = in_zone(timezone.now(), sam.timezone).date()
    assert today in [column.day for column in columns(dashboard, f"/dashboard/calendar?{query}")]


def test_every_place_has_its_class() -> None:
    sheet = Path(finders.find("css/calendar_timed.css")).read_text()
    for starts in range(0, 1440, 5):
        for name in rows(starts, starts + 5).split():
            assert f".rows > .{name} {{" in sheet, name


def test_it_takes_as_many_queries_for_300_jobs_as_for_three(
    dashboard: Client, sam: Tradie, van: Calendar, django_assert_num_queries: Any
) -> None:
    short, monday = make_service(sam, duration_minutes=5), at("2027-01-11 00:00 +11:00")
    made = 0
    for number in (3, 300):
        for count in range(made, number):
            make_booking(short, monday + timedelta(minutes=30 * count))
            start = monday + timedelta(minutes=30 * count + 10)
            TimeOff.objects.create(calendar=van, starts_at=start, ends_at=start + timedelta(minutes=5))
        made = number
        for show in ("day", "week", "list"):
            # session, who it is with their business, calendars; hours, special dates, time off, jobs
            with django_assert_num_queries(7):
                dashboard.get(f"{WEEK}&show={show}")
    assert WorkingHours.objects.count() == 14
    assert sum(len(column.entries) for column in columns(dashboard, WEEK)) > 500


def test_now_is_marked_today_only_and_past_hours_can_not_be_pressed(dashboard: Client, sam: Tradie) -> None:
    now = in_zone(timezone.now(), sam.timezone)
    past = columns(dashboard, f"/dashboard/calendar?show=day&date={now.date() - timedelta(days=1)}")[0]
    assert (past.is_past, past.is_today, past.cells, past.now) == (True, False, (), "")
    today = columns(dashboard, "/dashboard/calendar?show=day")[0]
    assert today.is_today
    assert all(datetime.strptime(clock, "%H:%M").hour >= now.hour for _, clock in today.cells)  # noqa: DTZ007


def test_a_list_with_nothing_booked_says_how_to_get_the_first(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    says, address = "Nothing booked in these two weeks.", "/dashboard/calendar?show=list"
    assert says in dashboard.get(address).content.decode()  # today stands there all the same
    make_booking(drain, soon(sam))
    assert says not in dashboard.get(address).content.decode()
