"""A person's jobs in their own calendar program, under an address that nobody else has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import vobject
from django.test import Client
from django.utils import timezone
from icalendar import Calendar as ICalendar

from accounts.audit import changes_of
from accounts.models import Service, Tradie, User
from accounts.people import remove_member
from availability.models import Calendar
from bookings.feed_models import CalendarFeed
from bookings.models import Booking, Status
from local.testing.cast import gave_password_again, make_booking, owner_of, soon

PAGE = "/dashboard/calendar/feed"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    return for_(owner_of(sam))


def for_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    gave_password_again(client, user)
    return client


def address(dashboard: Client) -> str:
    """A new one, as the page says it, without the host."""
    page = dashboard.post(f"{PAGE}/renew", follow=True)
    return "/feeds/" + page.context["address"].partition("/feeds/")[2]


def read(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def events(path: str) -> dict[str, dict[str, Any]]:
    """By UID, what one parser reads; the other must read the same."""
    content = read(path).content
    found = {}
    for event in ICalendar.from_ical(content).walk("VEVENT"):
        found[str(event["uid"])] = {
            "dtstart": event["dtstart"].dt,
            "dtend": event["dtend"].dt,
            "dtstamp": event["dtstamp"].dt,
            "sequence": int(event["sequence"]),
            **{name: str(event[name]) for name in ("summary", "status", "location", "description", "url")},
        }
    again = {}
    for event in vobject.readOne(content.decode()).contents.get("vevent", []):
        row = {name: event.contents[name][0].value for name in next(iter(found.values()))}
        again[event.uid.value] = {**row, "sequence": int(row["sequence"])}
    assert again == found
    return found


def test_two_parsers_read_the_same_of_every_job(dashboard: Client, sam: Tradie, drain: Service) -> None:
    booked = make_booking(drain, soon(sam), customer_name="Zoë, of 7; the “Gap”" + "x" * 80)
    asked = make_booking(drain, soon(sam, days=4), status=Status.REQUESTED)
    for status in (Status.PENDING, Status.EXPIRED, Status.CANCELLED, Status.DECLINED):
        make_booking(drain, soon(sam, days=5), status=status)
    found = events(address(dashboard))
    assert found.keys() == {f"{booking.pk}@testserver" for booking in (booked, asked)}
    event = found[f"{booked.pk}@testserver"]
    assert (event["dtstart"], event["dtend"]) == (booked.starts_at, booked.ends_at)
    assert event["summary"] == f"Blocked drain: {booked.customer_name}"
    assert event["location"] == "1 George Street, Newtown NSW 2042"
    assert event["description"].startswith(f"0412 345 678\nReference {booked.reference}\nhttp")
    assert event["dtstamp"] == booked.events.get().at.replace(microsecond=0)
    assert [found[f"{one.pk}@testserver"]["status"] for one in (booked, asked)] == ["CONFIRMED", "TENTATIVE"]


def test_what_is_cancelled_goes_and_what_moved_says_so(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    gone, moved = make_booking(drain, soon(sam)), make_booking(drain, soon(sam, days=4))
    path = address(dashboard)
    assert len(events(path)) == 2
    Booking.objects.filter(pk=gone.pk).update(status=Status.CANCELLED)
    Booking.objects.filter(pk=moved.pk).update(sequence=1)
    (event,) = events(path).values()
    assert event["sequence"] == 1


def test_it_goes_from_30_days_ago_to_a_year_ahead(dashboard: Client, drain: Service) -> None:
    now = timezone.now()
    days = (-31, -29, 365, 367)
    made = [make_booking(drain, now + timedelta(days=day), customer_name=f"Day {day}") for day in days]
    assert events(address(dashboard)).keys() == {f"{one.pk}@testserver" for one in made[1:3]}


def test_nothing_new_is_a_304(dashboard: Client, sam: Tradie, drain: Service) -> None:
    make_booking(drain, soon(sam))
    path = address(dashboard)
    first = read(path)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    again = read(path, If_None_Match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_booking(drain, soon(sam, days=5))
    assert read(path, If_None_Match=first["ETag"]).status_code == 200


def test_it_is_made_renewed_and_stopped_and_noted(dashboard: Client, sam: Tradie) -> None:
    first = address(dashboard)
    assert first.rpartition("/")[2].removesuffix(".ics") not in str(CalendarFeed.objects.values())
    assert read(first).status_code == 200
    second = address(dashboard)
    assert (read(first).status_code, read(second).status_code) == (404, 200)
    assert "Last read" in dashboard.get(PAGE).content.decode()
    dashboard.post(f"{PAGE}/stop")
    dashboard.post(f"{PAGE}/stop")
    assert read(second).status_code == 404
    kinds = [entry.kind for entry in changes_of(sam)]
    assert kinds == ["feed_stopped", "feed_renewed", "feed_made"]


def test_a_worker_reads_their_own_jobs_until_they_are_out(
    sam: Tradie, drain: Service, van: Calendar, lee: User
) -> None:
    Calendar.objects.filter(pk=van.pk).update(worker=lee)
    own = make_booking(drain, soon(sam), calendar=van)
    make_booking(drain, soon(sam))
    path = address(for_(lee))
    assert events(path).keys() == {f"{own.pk}@testserver"}
    remove_member(lee.memberships.get())
    assert read(path).status_code == 404


def test_the_address_is_for_who_has_just_given_their_password(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    assert client.get(PAGE)["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(f"{PAGE}/renew")["Location"].startswith("/accounts/reauthenticate/")
    assert not CalendarFeed.objects.exists()


def test_guesses_are_counted_and_readings_are_not(dashboard: Client, settings: Any) -> None:
    path = address(dashboard)
    statuses = {read(f"/feeds/{number}.ics").status_code for number in range(301)}
    assert statuses == {404, 429}
    assert read(path).status_code == 200


def test_it_takes_as_many_queries_for_30_jobs_as_for_three(
    dashboard: Client, sam: Tradie, drain: Service, van: Calendar, django_assert_num_queries: Any
) -> None:
    path, made = address(dashboard), 0
    read(path)  # which is noted once an hour
    for number in (3, 30):
        for count in range(made, number):
            make_booking(drain, soon(sam, days=3 + count))
        made = number
        with django_assert_num_queries(3):  # whose it is; their calendars, their jobs
            read(path)
