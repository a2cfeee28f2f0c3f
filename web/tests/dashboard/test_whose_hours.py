"""Hours, special dates, rules and time off of several people and vans: whose they are is in the address, and stays."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.crew import add_calendar, stop_calendar
from availability.models import Calendar, DateException, TimeOff
from local.testing.cast import add_hours, make_booking, make_tradie, owner_of, soon
from local.testing.pressing import ONE_PAGE, another_page

from .test_hours_pages import EMPTY_WEEK, NO_RANGE, monday

PAGES = ("hours", "hours/dates", "hours/rules", "time-off")
DAY = date(2027, 1, 27)
CLOSED = NO_RANGE | {"date": "2027-01-27", "kind": "closed", "reason": ""}
RULES = {
    "slot_step_minutes": "15",
    "minimum_notice_minutes": "60",
    "max_bookings_per_day": "",
    "horizon_days": "90",
}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.all()[0]


def text(response: Any) -> str:
    return response.content.decode()


def links_to_hours(page: str) -> list[str]:
    """Every address on the page of hours or time off, but for the navigation's."""
    main = page.partition("<main")[2]
    return re.findall(r'(?:href|action|formaction)="(/dashboard/(?:hours|time-off)[^"]*)"', main)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_a_switch_and_keeps_to_whom_it_is_about(
    page: str, dashboard: Client, van: Calendar, first: Calendar
) -> None:
    DateException.objects.create(calendar=van, date=DAY)
    TimeOff.objects.create(calendar=van, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(days=1))
    default, shown = (
        text(dashboard.get(f"/dashboard/{page}{query}")) for query in ("", f"?calendar={van.pk}")
    )
    assert f'href="?calendar={first.pk}" aria-current="true"' in default
    assert f'href="?calendar={van.pk}" aria-current="true"' in shown
    of_van = [link for link in links_to_hours(shown) if not re.search(r"time-off/[0-9a-f-]{36}", link)]
    assert of_van
    assert all(link.endswith(f"?calendar={van.pk}") for link in of_van)


@pytest.mark.parametrize("page", [*PAGES, "hours/dates/new", "time-off/new"])
def test_of_one_nothing_is_said(page: str, dashboard: Client, sam: Tradie, first: Calendar) -> None:
    Calendar.objects.filter(pk=first.pk).update(name="Zebra")
    before = text(dashboard.get(f"/dashboard/{page}"))
    assert "Zebra" not in before
    assert "calendar=" not in before
    asked = text(dashboard.get(f"/dashboard/{page}?calendar={first.pk}"))
    assert without_token(asked) == without_token(before)
    stop_calendar(add_calendar(sam, "Gone"))
    assert without_token(text(dashboard.get(f"/dashboard/{page}"))) == without_token(before)


def without_token(page: str) -> str:
    return re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", page)


def test_one_that_has_stopped_is_there_while_it_is_looked_at(
    dashboard: Client, van: Calendar, first: Calendar
) -> None:
    stop_calendar(van)
    page = text(dashboard.get(f"/dashboard/hours?calendar={van.pk}"))
    assert "Van 2</span> (takes no bookings)" in page
    assert "Van 2" not in text(dashboard.get("/dashboard/hours"))


@pytest.mark.parametrize("page", PAGES)
def test_what_is_no_ones_own_is_unknown(page: str, dashboard: Client, van: Calendar) -> None:
    other = make_tradie().calendars.get()
    for named in (other.pk, uuid4(), "nonsense", "%00"):
        assert dashboard.get(f"/dashboard/{page}?calendar={named}").status_code in (400, 404), named


def test_everything_is_saved_for_whom_it_is_shown(dashboard: Client, van: Calendar, first: Calendar) -> None:
    query = f"?calendar={van.pk}"
    sent = {
        "hours": monday(("07:00", "12:00")),
        "hours/dates/new": CLOSED,
        "hours/rules": RULES,
        "time-off/new": ONE_PAGE
        | dict.fromkeys(("starts_time", "ends_on", "ends_time", "repeat_until", "reason"), "")
        | {"starts_on": "2027-02-03", "repeats": "never"},
    }
    back = {"hours/dates/new": "hours/dates", "time-off/new": "time-off"}
    for page, data in sent.items():
        answer = dashboard.post(f"/dashboard/{page}{query}", data)
        assert answer["Location"] == f"/dashboard/{back.get(page, page)}{query}", page
    for calendar, hours, step in ((first, 7, 30), (van, 1, 15)):
        calendar.refresh_from_db()
        of_van = int(calendar == van)
        assert (calendar.working_hours.count(), calendar.slot_step_minutes) == (hours, step)
        assert (calendar.date_exceptions.count(), calendar.time_off.count()) == (of_van, of_van)

    changed = dashboard.post(f"/dashboard/hours/dates/{DAY}{query}", CLOSED | {"reason": "RDO"})
    assert changed["Location"] == f"/dashboard/hours/dates{query}"
    removed = dashboard.post(f"/dashboard/hours/dates/{DAY}/remove{query}", follow=True)
    assert "The usual hours of Van 2 apply again." in text(removed)
    block = van.time_off.get()
    assert f'href="/dashboard/time-off{query}"' in text(dashboard.get(f"/dashboard/time-off/{block.pk}"))
    assert (
        dashboard.post(f"/dashboard/time-off/{block.pk}/remove")["Location"] == f"/dashboard/time-off{query}"
    )
    assert not van.time_off.exists()


def test_a_page_of_which_half_arrived_goes_back_to_the_same_one(
    dashboard: Client, van: Calendar, first: Calendar
) -> None:
    for page, data in (("hours", EMPTY_WEEK), ("hours/dates/new", CLOSED)):
        half = {name: value for name, value in data.items() if not name.endswith("TOTAL_FORMS")}
        answer = dashboard.post(f"/dashboard/{page}?calendar={van.pk}", half)
        assert answer["Location"] == f"/dashboard/{page}?calendar={van.pk}"
    assert van.working_hours.count() == 7


def test_the_rules_say_whose_they_are(dashboard: Client, sam: Tradie, van: Calendar) -> None:
    page = text(dashboard.get(f"/dashboard/hours/rules?calendar={van.pk}"))
    assert "For all your services." not in page
    assert (
        page.index("Only for <bdi>Van 2</bdi>") < page.index("Shortest notice") < page.index("For everybody")
    )
    assert page.index("For everybody") < page.index("How far ahead")


def test_a_booking_of_somebody_else_is_no_clash(
    dashboard: Client, drain: Service, van: Calendar, first: Calendar
) -> None:
    make_booking(drain, soon(drain.tradie), calendar=first)
    day = soon(drain.tradie).date()
    block = dict.fromkeys(("starts_time", "ends_on", "ends_time", "repeat_until", "reason"), "")
    block |= {"starts_on": f"{day}", "repeats": "never"}
    for calendar, said in ((van, "Nobody can book Van 2 in that time."), (first, "bookings fall into it")):
        page = dashboard.post(
            f"/dashboard/time-off/new?calendar={calendar.pk}", block | another_page(), follow=True
        )
        assert said in text(page)


def test_they_take_as_many_queries_for_five_as_for_one(
    dashboard: Client, sam: Tradie, first: Calendar, django_assert_num_queries: Any
) -> None:
    def pages() -> None:
        for page in PAGES:
            dashboard.get(f"/dashboard/{page}")

    pages()
    # each: user, businesses, whose; but for the rules, what is shown
    with django_assert_num_queries(17):
        pages()
    for number in range(4):
        add_hours(add_calendar(sam, f"Van {number}"))
    with django_assert_num_queries(17):
        pages()
