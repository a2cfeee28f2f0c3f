"""Calendars kept elsewhere, as their people see them: connecting, what they hold, what is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability import outside as rules
from availability.models import OutsideCalendar
from bookings.models import Booking, CopiedJob
from local.testing.cast import make_booking, owner_of, soon
from peepopay.local_time import moment
from web.tests.dashboard.test_changes_page import kinds
from web.tests.dashboard.test_made_once import filled_in
from web.tests.dashboard.test_today_page import problems
from web.tests.dashboard.test_why_not_page import ask
from web.tests.page_forms import forms_of

PAGE = "/dashboard/calendars"
ADDRESS = "https://calendar.example.com/private-abc/basic.ics"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def google(sam: Tradie) -> OutsideCalendar:
    return rules.connect(sam.calendars.get(), name="Google", url=ADDRESS, now=timezone.now())


@pytest.fixture
def phone(sam: Tradie) -> OutsideCalendar:
    url = "https://caldav.example.com/"
    opens = {"user": "sam@example.com", "password": "an app password"}
    return rules.connect_account(sam.calendars.get(), name="Phone", url=url, **opens, now=timezone.now())


@pytest.fixture
def moved(phone: OutsideCalendar, drain: Service, sam: Tradie) -> CopiedJob:
    job = make_booking(drain, soon(sam), customer_name="Thea")
    wanted = job.starts_at + timedelta(hours=2)
    put = {"path": "/a.ics", "digest": "d", "starts_at": job.starts_at}
    return CopiedJob.objects.create(outside=phone, booking=job, wanted_at=wanted, **put)


def times(google: OutsideCalendar, *starts: object) -> None:
    now = timezone.now()
    rules.keep(google, frozenset((start, start + timedelta(hours=1)) for start in starts), now=now)


def text(dashboard: Client, page: str = PAGE) -> str:
    return " ".join(dashboard.get(page).content.decode().split())


def test_an_address_as_calendars_give_it_is_connected_once(dashboard: Client, sam: Tradie) -> None:
    sent = filled_in(dashboard, f"{PAGE}/new") | {"name": "Family", "url": ADDRESS.replace("https", "webcal")}
    for _ in range(2):
        assert dashboard.post(f"{PAGE}/new", sent).url == PAGE
    outside = OutsideCalendar.objects.get()
    assert (outside.name, outside.host, kinds()) == ("Family", "calendar.example.com", ["calendar_connected"])
    assert "Being read for the first time" in text(dashboard)
    assert "private-abc" not in text(dashboard)
    refused = dashboard.post(
        f"{PAGE}/new", filled_in(dashboard, f"{PAGE}/new") | {"name": "x", "url": ADDRESS}
    )
    assert refused.context["form"].errors == {"url": [rules.TWICE]}
    refused = dashboard.post(
        f"{PAGE}/new",
        sent | {"form_key": filled_in(dashboard, f"{PAGE}/new")["form_key"], "url": "https://10.0.0.1/a.ics"},
    )
    assert refused.context["form"].errors == {
        "url": ["That address isn't on the internet, so we can't reach it."]
    }


def test_its_times_are_not_offered_and_why_not_names_it(
    dashboard: Client, sam: Tradie, drain: Service, google: OutsideCalendar
) -> None:
    start = soon(sam)
    times(google, start)
    block = google.times.get()
    said = f"Busy in the calendar “Google”, {moment(start, sam.timezone)} to 10:00 am."
    assert ask(dashboard, drain, start) == [(said, f"/dashboard/time-off/{block.pk}")]
    assert dashboard.get(f"/dashboard/time-off/{block.pk}").url == PAGE
    assert dashboard.post(f"/dashboard/time-off/{block.pk}/remove").status_code == 404
    assert "No time off ahead" in text(dashboard, "/dashboard/time-off")
    assert "Google" in text(dashboard, f"/dashboard/calendar?date={start:%Y-%m-%d}")
    assert "1 busy time in the year ahead" in text(dashboard)
    dashboard.post(f"{PAGE}/{google.pk}/remove")
    assert ask(dashboard, drain, start) == [("Customers can book it.", "")]
    assert kinds()[-1] == "calendar_removed"


def test_a_job_in_its_times_is_named_and_stays(
    dashboard: Client, sam: Tradie, drain: Service, google: OutsideCalendar
) -> None:
    booking = make_booking(drain, soon(sam), customer_name="Thea")
    make_booking(drain, soon(sam) + timedelta(days=1), customer_name="Otto")
    times(google, booking.starts_at)
    assert "Booked while you are busy elsewhere" in text(dashboard)
    assert "Thea" in text(dashboard)
    assert "Otto" not in text(dashboard)


def test_one_that_can_not_be_read_for_a_day_is_said_on_today(
    dashboard: Client, sam: Tradie, drain: Service, google: OutsideCalendar
) -> None:
    times(google, soon(sam))
    since = timezone.now() - timedelta(hours=23)
    OutsideCalendar.objects.update(failing_since=since, problem="It answered 500.")
    assert problems(dashboard) == []
    assert "It answered 500. What was known on" in text(dashboard)
    OutsideCalendar.objects.update(read_at=since - timedelta(hours=1))
    [said] = problems(dashboard)
    assert said.startswith("Your calendar “Google” wasn't read since")


def test_read_now_is_once_a_minute(dashboard: Client, google: OutsideCalendar) -> None:
    later = timezone.now() + timedelta(minutes=9)
    OutsideCalendar.objects.update(due_at=later, asked_at=timezone.now())
    dashboard.post(f"{PAGE}/{google.pk}/read")
    assert OutsideCalendar.objects.get().due_at == later
    OutsideCalendar.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    dashboard.post(f"{PAGE}/{google.pk}/read")
    assert OutsideCalendar.objects.get().due_at < later


def test_an_account_is_connected_and_its_password_shown_to_nobody(dashboard: Client, sam: Tradie) -> None:
    page = f"{PAGE}/new-account"
    sent = filled_in(dashboard, page) | {
        "name": "Phone",
        "url": "https://caldav.icloud.com",
        "user": "s@example.com",
    }
    refused = dashboard.post(page, sent | {"password": "one two", "url": "https://localhost/"})
    assert "one two" not in refused.content.decode()
    assert dashboard.post(page, sent | {"password": "one two"}).url == PAGE
    outside = OutsideCalendar.objects.get()
    assert (outside.kind, outside.host, rules.opens(outside)["password"]) == (
        "caldav",
        "caldav.icloud.com",
        "one two",
    )
    assert "caldav.icloud.com" in text(dashboard)
    assert "one two" not in text(dashboard) + str(OutsideCalendar.objects.values())


def test_which_calendar_of_an_account_is_chosen_once(dashboard: Client, phone: OutsideCalendar) -> None:
    offered = ("https://caldav.example.com/home/", "Home"), ("https://caldav.example.com/work/", "Work")
    rules.found_there(phone, list(offered), now=timezone.now())
    assert "several calendars. Which one?" in text(dashboard)
    for url, chosen in (
        ("https://10.0.0.1/", ""),
        (offered[1][0], offered[1][0]),
        (offered[0][0], offered[1][0]),
    ):
        dashboard.post(f"{PAGE}/{phone.pk}/choose", {"collection": url})
        phone.refresh_from_db()
        assert phone.collection == chosen
        assert ("both ways" in text(dashboard)) == bool(chosen)
    assert "Which one?" not in text(dashboard)


def test_a_job_moved_there_is_asked_about_and_put_back_once(
    dashboard: Client, sam: Tradie, moved: CopiedJob
) -> None:
    job, wanted = moved.booking, moved.wanted_at
    page = f"/dashboard/bookings/{job.pk}"
    said = f"Your calendar “Phone” has the job of Thea at {moment(wanted, sam.timezone)}"
    assert problems(dashboard)[0].startswith(said)
    assert f"says <strong>{moment(wanted, sam.timezone)}</strong>" in text(dashboard, page)
    [form] = [form for form in forms_of(dashboard.get(page)) if form.action.endswith("put-back")]
    later = {"wanted_at": (wanted + timedelta(hours=1)).isoformat()}
    dashboard.post(f"{page}/put-back", form.fields | later)
    assert len(problems(dashboard)) == 1  # it was moved again meanwhile: look at that first
    for _ in range(2):
        dashboard.post(f"{page}/put-back", form.fields)
    moved.refresh_from_db()
    job.refresh_from_db()
    assert (moved.wanted_at, moved.refused_at, job.starts_at) == (None, wanted, moved.starts_at)
    assert problems(dashboard) == []


def test_the_job_moves_by_its_own_page_which_asks_first(
    dashboard: Client, sam: Tradie, moved: CopiedJob
) -> None:
    page = dashboard.get(f"/dashboard/bookings/{moved.booking_id}").content.decode()
    [address] = re.findall(r'href="([^"]*/move\?start=[^"]*)"', page)
    [form] = [form for form in forms_of(dashboard.get(unescape(address))) if "from_start" in form.fields]
    dashboard.post(address.partition("?")[0], form.fields)
    assert Booking.objects.get().starts_at == moved.wanted_at
    assert problems(dashboard) == []


def test_one_deleted_there_is_said_to_be_back(dashboard: Client, moved: CopiedJob) -> None:
    assert "put back" not in text(dashboard)
    CopiedJob.objects.update(restored_at=timezone.now())
    assert "Changed there, and put back" in text(dashboard)


@pytest.mark.parametrize(
    ("resized", "said"), [(False, "was deleted in your calendar"), (True, "another length")]
)
def test_what_was_put_back_stands_on_today_and_its_booking_until_it_is_read(
    dashboard: Client, moved: CopiedJob, resized: bool, said: str
) -> None:
    CopiedJob.objects.update(
        wanted_at=None,
        restored_at=timezone.now(),
        resized_to=moved.booking.ends_at + timedelta(hours=2) if resized else None,
    )
    [problem] = problems(dashboard)
    assert said in str(problem)
    address = f"/dashboard/bookings/{moved.booking_id}"
    page = dashboard.get(address).content.decode()
    assert ("Cancel the booking" in page.partition("Leave it as it is")[0]) != resized
    assert dashboard.post(f"{address}/stays", {"copy": moved.pk}).status_code == 302
    assert problems(dashboard) == []
    assert "Leave it as it is" not in dashboard.get(address).content.decode()
