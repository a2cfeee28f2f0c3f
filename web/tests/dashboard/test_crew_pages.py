"""Who does the jobs: people and vans are added, changed, put in order, stopped and started in the dashboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.catalogue import change_service
from availability.crew import add_calendar, stop_calendar
from availability.models import Calendar, WorkingHours
from bookings.models import Booking, EventKind, Status
from local.testing.cast import add_hours, make_booking, make_service, make_tradie, owner_of, soon
from local.testing.pressing import ONE_PAGE


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.all()[0]


def text(response: Any) -> str:
    return response.content.decode()


def names(tradie: Tradie) -> list[str]:
    return [calendar.name for calendar in tradie.calendars.all()]


def able(service: Service) -> list[str]:
    """Those that it names; nobody is anybody."""
    return [calendar.name for calendar in service.calendars.all()]


def form_of(dashboard: Client, calendar: Calendar, **changes: Any) -> dict[str, Any]:
    """What the page of a calendar sends."""
    form = dashboard.get(f"/dashboard/crew/{calendar.pk}").context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


class TestAlone:
    def test_it_says_what_a_second_one_is_good_for(self, dashboard: Client, drain: Service) -> None:
        page = text(dashboard.get("/dashboard/crew"))
        assert "One job at a time so far." in page
        assert "Sam&#x27;s Plumbing" in page
        assert "Move Sam" not in page
        assert "All services" not in page

    def test_the_second_gives_the_first_a_name_and_goes_on_to_its_hours(
        self, dashboard: Client, sam: Tradie
    ) -> None:
        page = dashboard.get("/dashboard/crew/new")
        assert page.context["form"]["first_name"].value() == "Sam's Plumbing"
        sent = {**ONE_PAGE, "name": "Van 2", "first_name": "Sam"}
        answer = dashboard.post("/dashboard/crew/new", sent)
        assert names(sam) == ["Sam", "Van 2"]
        assert answer["Location"] == f"/dashboard/hours?calendar={sam.calendars.all()[1].pk}"
        page = text(dashboard.get(answer["Location"]))
        assert "Van 2 is added." in page
        assert "These hours are only a suggestion." in page

    def test_it_cannot_stop_and_does_every_service(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        url = f"/dashboard/crew/{sam.calendars.get().pk}"
        page = dashboard.get(url)
        assert set(page.context["form"].fields) == {"name", "worker"}
        assert "Take no more bookings" not in text(page)
        assert "Somebody has to take bookings." in text(dashboard.post(f"{url}/stop", follow=True))
        assert sam.calendars.get().is_active


class TestAdding:
    @pytest.mark.parametrize(
        ("changes", "field", "said"),
        [
            ({"name": "VAN 2"}, "name", "You already have one with that name."),
            ({"name": " "}, "name", "This field is required."),
            ({"name": "x" * 81}, "name", "at most 80 characters"),
        ],
    )
    def test_what_cannot_be_used_is_said_at_its_field(
        self, changes: dict[str, str], field: str, said: str, dashboard: Client, sam: Tradie, van: Calendar
    ) -> None:
        page = dashboard.post("/dashboard/crew/new", ONE_PAGE | {"name": "Lee"} | changes)
        assert said in " ".join(page.context["form"].errors[field])
        assert names(sam) == ["Sam", "Van 2"]

    def test_the_hours_suggested_are_those_of_the_first(
        self, dashboard: Client, sam: Tradie, first: Calendar
    ) -> None:
        first.working_hours.exclude(weekday=5).delete()
        van = add_calendar(sam, "Van 2")
        form = dashboard.get(f"/dashboard/hours?calendar={van.pk}").context["form"]
        assert [len(day.rows) for day in form.days] == [1] * 7
        assert form.days[5].rows == [("07:00", "16:00")]
        assert form.days[0].rows == [("", "")]


class TestChanging:
    def test_name_person_and_services(
        self, dashboard: Client, sam: Tradie, drain: Service, quote: Service, van: Calendar, lee: User
    ) -> None:
        sent = form_of(dashboard, van)
        assert sorted(sent["services"]) == sorted([drain.pk, quote.pk])
        sent |= {"name": "Lee", "worker": str(lee.pk), "services": [str(quote.pk)]}
        assert dashboard.post(f"/dashboard/crew/{van.pk}", sent)["Location"] == "/dashboard/crew"
        van.refresh_from_db()
        assert (van.name, van.worker) == ("Lee", lee)
        assert (able(drain), able(quote)) == (["Sam"], [])
        page = text(dashboard.get("/dashboard/crew"))
        assert all(said in page for said in ("All services", "<bdi>Free quote</bdi>", "<bdi>Lee</bdi>"))

    def test_ticked_again_by_all_it_is_anybodys_again(
        self, dashboard: Client, drain: Service, quote: Service, first: Calendar, van: Calendar
    ) -> None:
        change_service(drain.tradie, drain, [first])
        sent = form_of(dashboard, van)
        assert sent["services"] == [quote.pk]
        dashboard.post(f"/dashboard/crew/{van.pk}", sent | {"services": [str(drain.pk), str(quote.pk)]})
        assert able(drain) == []

    def test_a_service_keeps_somebody_who_does_it(
        self, dashboard: Client, drain: Service, quote: Service, van: Calendar
    ) -> None:
        change_service(drain.tradie, drain, [van])
        page = dashboard.post(f"/dashboard/crew/{van.pk}", form_of(dashboard, van, services=[str(quote.pk)]))
        assert "Somebody has to do “Blocked drain”." in text(page)
        assert able(drain) == ["Van 2"]

    def test_somebody_who_does_nothing_is_stopped_instead(
        self, dashboard: Client, drain: Service, van: Calendar
    ) -> None:
        page = dashboard.post(f"/dashboard/crew/{van.pk}", form_of(dashboard, van, services=[]))
        assert list(page.context["form"].errors) == ["services"]
        assert able(drain) == []

    def test_of_a_service_that_was_added_meanwhile_nothing_is_said(
        self, dashboard: Client, sam: Tradie, drain: Service, van: Calendar
    ) -> None:
        sent = form_of(dashboard, van)
        new = make_service(sam, name="Gas check")
        dashboard.post(f"/dashboard/crew/{van.pk}", sent)
        assert (able(drain), able(new)) == ([], [])

    @pytest.mark.parametrize("lost", ["name", "worker", "offered"])
    def test_half_a_page_changes_nothing(
        self, lost: str, dashboard: Client, drain: Service, quote: Service, van: Calendar
    ) -> None:
        sent = form_of(dashboard, van, services=[str(quote.pk)], name="Lee")
        del sent[lost]
        assert dashboard.post(f"/dashboard/crew/{van.pk}", sent).context["form"].errors
        van.refresh_from_db()
        assert (van.name, able(drain)) == ("Van 2", [])

    def test_only_people_and_services_of_the_business_can_be_chosen(
        self, dashboard: Client, drain: Service, van: Calendar, alex: Tradie
    ) -> None:
        foreign = make_service(alex)
        for changes in ({"worker": str(owner_of(alex).pk)}, {"services": [str(foreign.pk)]}):
            page = dashboard.post(f"/dashboard/crew/{van.pk}", form_of(dashboard, van, **changes))
            assert list(page.context["form"].errors) == list(changes)

    def test_they_move_up_and_down(self, dashboard: Client, sam: Tradie, van: Calendar) -> None:
        dashboard.post(f"/dashboard/crew/{van.pk}/move", {"by": "-1"})
        assert names(sam) == ["Van 2", "Sam"]
        page = dashboard.post(f"/dashboard/crew/{van.pk}/move", {"by": "7"}, follow=True)
        assert "nothing was changed" in text(page)
        assert names(sam) == ["Van 2", "Sam"]


class TestStopping:
    def test_without_bookings_it_stops_and_starts_again(self, dashboard: Client, van: Calendar) -> None:
        for button, active in (("stop", False), ("stop", False), ("start", True), ("start", True)):
            assert dashboard.post(f"/dashboard/crew/{van.pk}/{button}")["Location"] == "/dashboard/crew"
            van.refresh_from_db()
            assert van.is_active is active

    def test_with_bookings_it_shows_them_and_asks_first(
        self, dashboard: Client, drain: Service, van: Calendar
    ) -> None:
        booking = make_booking(drain, soon(drain.tradie), calendar=van)
        page = text(dashboard.get(f"/dashboard/crew/{van.pk}"))
        assert f"/dashboard/bookings/{booking.pk}" in page
        assert "Van 2 still does them" in page
        for sent in ({}, {"bookings": "nonsense"}):
            refused = dashboard.post(f"/dashboard/crew/{van.pk}/stop", sent, follow=True)
            assert "Say first what becomes of the bookings that Van 2 has." in text(refused)
        van.refresh_from_db()
        assert van.is_active

    def test_they_may_stay(self, dashboard: Client, drain: Service, van: Calendar) -> None:
        booking = make_booking(drain, soon(drain.tradie), calendar=van)
        page = dashboard.post(f"/dashboard/crew/{van.pk}/stop", {"bookings": "keep"}, follow=True)
        assert "Takes no bookings" in text(page)
        assert "1 still to do" in text(page)
        booking.refresh_from_db()
        assert booking.calendar == van

    @pytest.mark.django_db(transaction=True)
    def test_or_go_to_whoever_is_free_and_the_rest_is_shown(
        self, dashboard: Client, sam: Tradie, drain: Service, first: Calendar, van: Calendar
    ) -> None:
        goes = make_booking(drain, soon(sam, hour=9), calendar=van, customer_name="Goes")
        held = make_booking(drain, soon(sam, hour=11), calendar=van, status=Status.PENDING)
        make_booking(drain, soon(sam, hour=13))
        stays = make_booking(drain, soon(sam, hour=13), calendar=van, customer_name="Stays")
        over = make_booking(drain, soon(sam, days=-2), calendar=van)
        page = dashboard.post(f"/dashboard/crew/{van.pk}/stop", {"bookings": "hand_over"}, follow=True)
        assert "Handed over: 2 bookings." in text(page)
        assert "Nobody else is free for 1 booking." in text(page)
        assert [booking.customer_name for booking in page.context["left"]] == ["Stays"]
        whose = {booking.pk: booking.calendar for booking in Booking.objects.select_related("calendar")}
        assert [whose[b.pk] for b in (goes, held, stays, over)] == [first, first, van, van]
        [event] = goes.events.filter(kind=EventKind.HANDED_OVER)
        assert (event.detail, event.user) == ("from Van 2 to Sam", owner_of(sam))

        Booking.objects.filter(calendar=first, starts_at=stays.starts_at).update(status=Status.CANCELLED)
        page = dashboard.post(f"/dashboard/crew/{van.pk}/stop", {"bookings": "hand_over"}, follow=True)
        assert "Handed over: 1 booking." in text(page)
        assert "still to do" not in text(page)

    def test_many_are_counted_and_the_first_are_listed(
        self, dashboard: Client, sam: Tradie, drain: Service, van: Calendar
    ) -> None:
        for days in range(1, 23):
            make_booking(drain, soon(sam, days=days), calendar=van)
        page = dashboard.get(f"/dashboard/crew/{van.pk}")
        assert (len(page.context["left"]), page.context["more_left"]) == (20, True)
        assert f"/dashboard/bookings?calendar={van.pk}" in text(page)


def test_it_is_said_what_nobody_can_book(
    dashboard: Client, sam: Tradie, drain: Service, first: Calendar, van: Calendar
) -> None:
    WorkingHours.objects.filter(calendar=first).delete()
    change_service(sam, drain, [van])
    assert "No hours yet, so nobody can book." in text(dashboard.get("/dashboard/crew"))
    stop_calendar(van)
    assert "Nobody does these" in text(dashboard.get("/dashboard/crew"))


def test_customers_choose_once_the_tradie_lets_them(
    dashboard: Client, drain: Service, van: Calendar, django_capture_on_commit_callbacks: Any
) -> None:
    assert "Let customers choose" in text(dashboard.get("/dashboard/crew"))
    for may, names in (("1", ["Sam", "Van 2"]), ("nonsense", ["Sam", "Van 2"]), ("0", [])):
        with django_capture_on_commit_callbacks(execute=True):
            dashboard.post("/dashboard/crew/choice", {"may": may})
        profile = dashboard.get("/api/tradies/sam-plumber").json()
        assert [calendar["name"] for calendar in profile.get("calendars", [])] == names, may


def test_whose_it_is_must_be_ones_own(dashboard: Client, van: Calendar) -> None:
    other = make_tradie().calendars.get()
    for address in ("", "/move", "/stop", "/start"):
        assert dashboard.post(f"/dashboard/crew/{other.pk}{address}").status_code == 404


def test_the_list_takes_as_many_queries_for_five_as_for_one(
    dashboard: Client, sam: Tradie, drain: Service, lee: User, django_assert_num_queries: Any
) -> None:
    dashboard.get("/dashboard/crew")
    with django_assert_num_queries(7):
        # user, businesses, services, people and vans, who can do what, what is left, what nobody does
        dashboard.get("/dashboard/crew")
    for number in range(4):
        added = add_hours(add_calendar(sam, f"Van {number}"))
        make_booking(drain, soon(sam, days=number + 1), calendar=added)
    sam.calendars.update(worker=lee)
    stop_calendar(added)
    with django_assert_num_queries(7):
        dashboard.get("/dashboard/crew")


def test_nothing_that_is_over_counts_as_left(dashboard: Client, drain: Service, van: Calendar) -> None:
    make_booking(drain, soon(drain.tradie, days=-1), calendar=van)
    make_booking(drain, soon(drain.tradie), calendar=van, status=Status.CANCELLED)
    ends_now = timezone.now() - timedelta(minutes=drain.duration_minutes)
    make_booking(drain, ends_now, calendar=van)
    assert dashboard.get(f"/dashboard/crew/{van.pk}").context["left"] == []
