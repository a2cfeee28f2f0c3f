"""Time off in the dashboard: typed on the tradie's clock, kept as instants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import TimeOff
from availability.time_off import falling_into
from local.testing.cast import at, make_booking, owner_of, soon
from local.testing.pressing import ONE_PAGE


def first_sunday(month: int) -> str:
    first = date(YEAR, month, 1)
    return str(first + timedelta(days=6 - first.weekday()))


YEAR = timezone.now().year + 1
BACK, FORWARD = first_sunday(4), first_sunday(10)  # when the clocks change in Sydney
DAY_AFTER = str(date.fromisoformat(FORWARD) + timedelta(days=1))


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def form(**changes: str) -> dict[str, str]:
    empty = dict.fromkeys(("starts_time", "ends_on", "ends_time", "repeat_until", "reason"), "")
    return {**ONE_PAGE, **empty, "starts_on": f"{YEAR}-01-14", "repeats": "never", **changes}


def saved(tradie: Tradie) -> tuple[datetime, datetime]:
    block = TimeOff.objects.get(calendar__tradie=tradie)
    return block.starts_at, block.ends_at


@pytest.mark.parametrize(
    ("typed", "starts", "ends"),
    [
        ({}, f"{YEAR}-01-14 00:00 +11:00", f"{YEAR}-01-15 00:00 +11:00"),
        ({"ends_on": f"{YEAR}-01-20"}, f"{YEAR}-01-14 00:00 +11:00", f"{YEAR}-01-21 00:00 +11:00"),
        (
            {"starts_time": "14:00", "ends_time": "15:30"},
            f"{YEAR}-01-14 14:00 +11:00",
            f"{YEAR}-01-14 15:30 +11:00",
        ),
        # The clock goes back on that Sunday at 3:00: of the two half past twos, off from the first to the last.
        (
            {"starts_on": BACK, "starts_time": "02:30", "ends_time": "02:30"},
            f"{BACK} 02:30 +11:00",
            f"{BACK} 02:30 +10:00",
        ),
        ({"starts_on": FORWARD}, f"{FORWARD} 00:00 +10:00", f"{DAY_AFTER} 00:00 +11:00"),
    ],
)
def test_it_is_typed_on_the_tradies_clock(
    typed: dict[str, str], starts: str, ends: str, dashboard: Client, sam: Tradie
) -> None:
    assert dashboard.post("/dashboard/time-off/new", form(**typed)).status_code == 302
    assert saved(sam) == (at(starts), at(ends))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"ends_on": f"{YEAR}-01-13"}, "ends_on"),
        ({"ends_on": f"{YEAR + 2}-01-13"}, "ends_on"),
        ({"starts_time": "15:00", "ends_time": "14:00"}, "ends_on"),
        ({"starts_on": f"{YEAR - 2}-01-14"}, "ends_on"),
        # The clock goes forward on that Sunday in October at 2:00.
        ({"starts_on": FORWARD, "starts_time": "02:30"}, "starts_time"),
        ({"starts_on": FORWARD, "ends_time": "02:30"}, "ends_time"),
        ({"repeats": "hourly"}, "repeats"),
        ({"repeats": "weekly", "repeat_until": f"{YEAR}-01-13"}, "repeat_until"),
        ({"repeat_until": f"{YEAR}-02-13"}, "repeat_until"),
        ({"repeats": "weekly", "ends_on": f"{YEAR}-01-22"}, "ends_on"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    typed: dict[str, str], field: str, dashboard: Client, sam: Tradie
) -> None:
    assert field in dashboard.post("/dashboard/time-off/new", form(**typed)).context["form"].errors
    assert not TimeOff.objects.exists()


def test_the_form_shows_what_was_saved(dashboard: Client, sam: Tradie) -> None:
    typed = form(
        ends_on=f"{YEAR}-01-16",
        ends_time="12:00",
        repeats="yearly",
        repeat_until=f"{YEAR + 3}-01-14",
        reason="Away",
    )
    dashboard.post("/dashboard/time-off/new", typed)
    block = TimeOff.objects.get()
    shown = dashboard.get(f"/dashboard/time-off/{block.pk}").context["form"]
    again = {name: shown[name].value() or "" for name in typed.keys() & shown.fields}
    assert again["starts_on"] == date(YEAR, 1, 14)
    dashboard.post(f"/dashboard/time-off/{block.pk}", {name: str(value) for name, value in again.items()})
    after = TimeOff.objects.get()
    for name in ("starts_at", "ends_at", "repeats", "repeat_until", "reason"):
        assert getattr(after, name) == getattr(block, name)


def test_bookings_that_fall_into_it_are_shown_and_stay(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    inside = make_booking(drain, soon(sam), customer_name="Inside Ivy")
    make_booking(drain, soon(sam, days=5), customer_name="Outside Olga")
    page = dashboard.post("/dashboard/time-off/new", form(starts_on=str(soon(sam).date())), follow=True)
    text = page.content.decode()
    assert "bookings fall into it" in text
    assert "Inside Ivy" in text
    assert "Outside Olga" not in text
    inside.refresh_from_db()
    assert inside.status == "confirmed"


def test_repeats_are_looked_at_too(sam: Tradie, drain: Service) -> None:
    start = soon(sam, days=3, hour=14)
    block = TimeOff(starts_at=start, ends_at=start + timedelta(hours=1), repeats="weekly")
    in_a_week = make_booking(drain, start + timedelta(days=7))
    jobs = [in_a_week, make_booking(drain, start + timedelta(days=8))]
    assert falling_into(block, jobs, sam.timezone) == [in_a_week]


def test_it_is_removed(dashboard: Client, sam: Tradie) -> None:
    dashboard.post("/dashboard/time-off/new", form())
    dashboard.post(f"/dashboard/time-off/{TimeOff.objects.get().pk}/remove")
    assert not TimeOff.objects.exists()


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    dashboard: Client, sam: Tradie, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    for number in (1, 2, 3):
        starts = now + timedelta(days=number)
        TimeOff.objects.create(
            calendar=sam.calendars.get(), starts_at=starts, ends_at=starts + timedelta(hours=1)
        )
        if number != 2:
            with django_assert_num_queries(4):  # user, tradie, calendar, time off
                dashboard.get("/dashboard/time-off")
