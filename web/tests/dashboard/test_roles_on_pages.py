"""What each role sees: links and buttons only to what it may do, jobs only those that are theirs."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership, Service, Tradie, User
from accounts.people import remove_member
from accounts.roles import May, Role
from availability.crew import add_calendar
from availability.models import Calendar
from bookings import job_lists
from bookings.models import Booking, Status
from local.testing.cast import make_booking, make_tradie, owner_of
from web.dashboard.access import for_members


@pytest.fixture
def people(sam: Tradie, kim: User, lee: User) -> dict[Role, User]:
    return {Role.OWNER: owner_of(sam), Role.OFFICE: kim, Role.WORKER: lee}


def page(user: User, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.mark.parametrize("role", Role)
def test_every_link_and_button_of_the_dashboard_opens_for_who_sees_it(
    role: Role, people: dict[Role, User], drain: Service
) -> None:
    asked = make_booking(drain, status=Status.REQUESTED)
    booked = make_booking(drain)
    client = Client()
    client.force_login(people[role])
    pages = ["/dashboard/", "/dashboard/bookings", "/dashboard/calendar", "/dashboard/more", "/dashboard/you"]
    pages += [f"/dashboard/bookings/{booking.pk}" for booking in (asked, booked)]
    seen = set()
    for address in pages:
        html = client.get(address).content.decode()
        seen |= set(re.findall(r'(?:href|action|formaction)="(/dashboard/[^"?#]*)', html))
    assert len(seen) > 5
    for address in sorted(seen):
        assert client.get(address).status_code != 403, address


def test_the_navigation_is_as_long_as_the_role(people: dict[Role, User]) -> None:
    def links(user: User) -> list[str]:
        bar = page(user, "/dashboard/").partition('aria-label="Main"')[2].partition("</nav>")[0]
        return re.findall(r"<span>([^<]+)</span>", bar)

    first, rest = ["Today", "Bookings", "Calendar"], ["Quotes", "Services", "Hours", "Time off", "More"]
    assert links(people[Role.OWNER]) == [*first, "Money", *rest]
    assert links(people[Role.OFFICE]) == [*first, *rest]
    assert links(people[Role.WORKER]) == [*first, "More"]
    menus = {role: page(user, "/dashboard/").partition("menu__body")[2] for role, user in people.items()}
    assert ["Who signs in" in menu for menu in menus.values()] == [True, False, False]
    assert ["Who does the jobs" in menu for menu in menus.values()] == [True, True, False]
    assert ["Business details" in menu for menu in menus.values()] == [True, False, False]


def test_a_worker_is_not_asked_to_answer_requests_or_to_set_up_the_business(
    people: dict[Role, User], drain: Service
) -> None:
    asked = make_booking(drain, status=Status.REQUESTED)
    drain.tradie.calendars.get().working_hours.all().delete()
    for role, shown in ((Role.OFFICE, True), (Role.WORKER, False)):
        today = page(people[role], "/dashboard/")
        assert ("Waiting for your yes" in today, "Set the hours you work" in today) == (shown, shown)
        assert ("Approve" in page(people[role], f"/dashboard/bookings/{asked.pk}")) == shown


def test_a_refusal_says_who_may_and_whom_to_ask(people: dict[Role, User], sam: Tradie) -> None:
    User.objects.filter(pk=owner_of(sam).pk).update(name="Sam")
    said = page(people[Role.WORKER], "/dashboard/services")
    assert (
        "In Sam&#x27;s Plumbing, only an owner or the office may change services, prices and deposits. Please ask Sam."
        in said
    )
    assert "only an owner may invite people" in page(people[Role.OFFICE], "/dashboard/people")


def test_a_page_that_says_nothing_of_who_may_does_not_start() -> None:
    for may in (None, "jobs", lambda request: None):
        with pytest.raises(TypeError, match="say what one has to be allowed"):
            for_members(may)  # type: ignore[arg-type]
    assert for_members(May.JOBS)


@pytest.fixture
def van(sam: Tradie) -> Calendar:
    return add_calendar(sam, "Lee's van")


def jobs(member: Membership) -> set[Booking]:
    return set(job_lists.jobs_of(member))


def test_a_worker_without_a_calendar_sees_every_job_and_with_one_only_its_jobs(
    sam: Tradie, drain: Service, van: Calendar, people: dict[Role, User]
) -> None:
    first, second = make_booking(drain), make_booking(drain, calendar=van)
    worker = people[Role.WORKER].memberships.get()
    assert jobs(worker) == {first, second}
    van.worker = people[Role.WORKER]
    van.save()
    assert jobs(worker) == {second}
    for role in (Role.OWNER, Role.OFFICE):
        assert jobs(people[role].memberships.get()) == {first, second}
    client = Client()
    client.force_login(people[Role.WORKER])
    assert [job.pk for job in client.get("/dashboard/bookings").context["page"].items] == [second.pk]
    assert client.get(f"/dashboard/bookings/{first.pk}").status_code == 404
    assert client.post(f"/dashboard/bookings/{first.pk}/notes", {"tradie_notes": "x"}).status_code == 404


def test_only_somebody_of_the_business_works_by_its_calendars(
    sam: Tradie, van: Calendar, people: dict[Role, User]
) -> None:
    van.worker = owner_of(make_tradie())
    with pytest.raises(IntegrityError, match="calendar_worker_of_its_business"), transaction.atomic():
        van.save()
    van.worker = people[Role.WORKER]
    van.save()
    remove_member(people[Role.WORKER].memberships.get())
    van.refresh_from_db()
    assert van.worker is None
