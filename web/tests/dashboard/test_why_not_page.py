"""Why is this time not offered? Each rule by its name, and the page on which it is changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar, DateException, TimeOff
from bookings.open_slots import list_times
from local.testing.cast import make_booking, make_service, owner_of, soon
from peepopay.local_time import in_zone, moment, short_day, spoken


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def ask(dashboard: Client, service: Service, at: datetime) -> list[tuple[str, str]]:
    """What is said of each who could do it, and where it leads."""
    query = f"service={service.pk}&date={at:%Y-%m-%d}&time={at:%H:%M}"
    page = dashboard.get(f"/dashboard/hours/why-not?{query}")
    return [(answer.sentence, address) for answer, address in page.context["answers"]]


def test_a_time_on_offer_is_said_to_be(dashboard: Client, sam: Tradie, drain: Service) -> None:
    assert ask(dashboard, drain, soon(sam)) == [("Customers can book it.", "")]


def test_the_past_notice_and_horizon(dashboard: Client, sam: Tradie, drain: Service) -> None:
    now = in_zone(timezone.now(), sam.timezone)
    assert ask(dashboard, drain, now - timedelta(days=400)) == [("That time has passed.", "")]
    sam.calendars.update(minimum_notice_minutes=7 * 1440)
    ((said, page),) = ask(dashboard, drain, soon(sam))
    assert said.startswith("Too soon: you ask for 1 week of notice, so nothing before ")
    assert page == "/dashboard/hours/rules"
    assert short_day(now + timedelta(days=7), sam.timezone) in said
    last = short_day(now + timedelta(days=sam.horizon_days), sam.timezone)
    assert ask(dashboard, drain, now + timedelta(days=400)) == [
        (
            f"Too far ahead: customers can book up to {sam.horizon_days} days ahead, until {last}.",
            "/dashboard/hours/rules",
        )
    ]


def test_days_and_hours(dashboard: Client, sam: Tradie, drain: Service) -> None:
    start, mine = soon(sam), sam.calendars.get()
    assert ask(dashboard, drain, soon(sam, hour=15, minute=30)) == [
        (
            "Outside the hours: the job takes 1 h, until 4:30 pm, and that day is worked 7:00 am to 4:00 pm.",
            "/dashboard/hours",
        )
    ]
    assert ask(dashboard, drain, soon(sam, minute=10)) == [
        (
            "Between two starts: one is offered every 30 minutes, so 9:00 am or 9:30 am.",
            "/dashboard/hours/rules",
        )
    ]
    mine.working_hours.filter(weekday=start.weekday()).delete()
    assert ask(dashboard, drain, start) == [(f"{start:%A}s are not worked.", "/dashboard/hours")]
    mine.working_hours.create(weekday=start.weekday(), opens_minute=420, closes_minute=960)
    DateException.objects.create(calendar=mine, date=start.date(), reason="RDO")
    assert ask(dashboard, drain, start) == [("That date is off. Closed: RDO.", "/dashboard/hours/dates")]


def test_time_off_jobs_and_full_days(dashboard: Client, sam: Tradie, drain: Service) -> None:
    start, mine = soon(sam), sam.calendars.get()
    service = make_service(sam, name="Long", buffer_after_minutes=60)
    block = TimeOff.objects.create(
        calendar=mine,
        starts_at=start + timedelta(minutes=90),
        ends_at=start + timedelta(hours=3),
        reason="Dentist",
    )
    said = f"Time off, {moment(block.starts_at, sam.timezone)} to 12:00 pm: Dentist."
    assert ask(dashboard, drain, start) == [("Customers can book it.", "")]
    assert ask(dashboard, service, start) == [(said, f"/dashboard/time-off/{block.pk}")]
    block.delete()
    job = make_booking(service, start, customer_name="Thea")
    address = f"/dashboard/bookings/{job.pk}"
    times = "Long for Thea, 9:00 am to 10:00 am,"
    assert ask(dashboard, drain, start) == [(f"{times} is booked then.", address)]
    assert ask(dashboard, drain, start + timedelta(hours=1)) == [
        (f"{times} is too near: there are buffers between jobs.", address)
    ]
    sam.calendars.update(max_bookings_per_day=1)
    assert ask(dashboard, drain, start + timedelta(hours=4)) == [
        ("That day is full: 1 booked, and 1 is the most.", "/dashboard/hours/rules")
    ]


def test_of_several_each_has_a_reason_and_who_cannot_do_it_none(
    dashboard: Client, sam: Tradie, drain: Service, quote: Service, van: Calendar
) -> None:
    first = sam.calendars.exclude(pk=van.pk).get()
    quote.calendars.set([van])
    van.working_hours.all().delete()
    start = soon(sam)
    said = f"{start:%A}s are not worked."
    assert ask(dashboard, drain, start) == [
        ("Customers can book it.", ""),
        (said, f"/dashboard/hours?calendar={van.pk}"),
    ]
    assert ask(dashboard, quote, start) == [(said, f"/dashboard/hours?calendar={van.pk}")]
    Calendar.objects.filter(pk=first.pk).update(is_active=False)
    assert [sentence for sentence, _ in ask(dashboard, drain, start)] == [said]


def test_it_says_no_just_where_customers_find_nothing(dashboard: Client, sam: Tradie, drain: Service) -> None:
    """At each quarter of an hour of a day with something of everything."""
    start = soon(sam)
    make_booking(make_service(sam, buffer_before_minutes=20), start)
    TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=start + timedelta(hours=3), ends_at=start + timedelta(hours=4)
    )
    listing, _ = list_times(sam.slug, drain.pk, start.date(), timezone.now())
    for quarter in range(5 * 4, 18 * 4):
        at = start.replace(hour=quarter // 4, minute=quarter % 4 * 15)
        ((said, _),) = ask(dashboard, drain, at)
        assert (said == "Customers can book it.") == (
            f'"start":"{at.isoformat()}"' in listing.body.decode()
        ), at


@pytest.mark.parametrize(
    "query",
    [
        "service=x&date=2027-01-14&time=09:00",
        "service=&date=9999-01-01",
        "service=&date=2027-01-14&time=25:00",
    ],
)
def test_an_odd_question_is_answered_at_its_field(query: str, dashboard: Client, drain: Service) -> None:
    page = dashboard.get(f"/dashboard/hours/why-not?{query}")
    assert page.context["answers"] is None
    assert page.context["form"].errors


def test_it_takes_as_many_queries_for_many_jobs_as_for_one(
    dashboard: Client, sam: Tradie, drain: Service, van: Calendar, django_assert_num_queries: Any
) -> None:
    start = soon(sam)
    query = f"service={drain.pk}&date={start:%Y-%m-%d}&time=09:00"
    made = 0
    for number in (1, 9):
        for count in range(made, number):
            make_booking(drain, start.replace(hour=7) + timedelta(hours=count), calendar=van)
        made = number
        # session, who it is, whose; the service, whether there are any and those to choose from; six to answer
        with django_assert_num_queries(13):
            dashboard.get(f"/dashboard/hours/why-not?{query}")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (90, "90 minutes"),
        (60, "1 hour"),
        (120, "2 hours"),
        (1440, "1 day"),
        (20160, "2 weeks"),
    ],
)
def test_minutes_are_said_in_the_largest_unit_that_fits(minutes: int, words: str) -> None:
    assert spoken(minutes) == words


def test_holidays_are_named(dashboard: Client, sam: Tradie, drain: Service) -> None:
    Tradie.objects.filter(pk=sam.pk).update(closed_on_public_holidays=True, horizon_days=366)
    coming = dashboard.get("/dashboard/hours/dates").context["holidays"]
    today = in_zone(timezone.now(), sam.timezone).date()
    holiday = next(one for one in coming if one.day > today + timedelta(days=1))
    at = soon(sam, days=(holiday.day - today).days)
    assert isinstance(holiday.day, date)
    assert ask(dashboard, drain, at) == [(f"That date is off. {holiday.name}.", "/dashboard/hours/dates")]


def test_without_a_service_it_says_what_comes_first(dashboard: Client, sam: Tradie) -> None:
    page = dashboard.get("/dashboard/hours/why-not").content.decode()
    assert "First add a service" in page
    assert "Ask</button>" not in page
