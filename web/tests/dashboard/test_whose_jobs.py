"""Whose job it is, where several do them: on Today, in the list, on the booking's page; and handing it over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Service, Tradie, User
from availability.crew import add_calendar, stop_calendar
from availability.models import Calendar
from bookings.models import Booking, Status
from local.testing.cast import add_hours, make_booking, make_service, make_tradie, owner_of, soon
from local.testing.pressing import ONE_PAGE
from notifications.models import Message

from .test_bookings_pages import past
from .test_today_page import let_it_be_morning, pay, today_in


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def first(sam: Tradie, van: Calendar) -> Calendar:
    return sam.calendars.all()[0]


def text(response: Any) -> str:
    return response.content.decode()


def test_today_names_who_does_each_job(dashboard: Client, sam: Tradie, drain: Service, van: Calendar) -> None:
    let_it_be_morning(sam)
    make_booking(drain, today_in(sam, 23), calendar=van)
    past(drain, 30, calendar=van)
    asked = make_service(sam, name="Quote", deposit_kind="none", requires_approval=True)
    make_booking(asked, status=Status.REQUESTED, confirmed_at=None, calendar=van)
    page = text(dashboard.get("/dashboard/"))
    assert page.count('dir="auto">Van 2</') == 5  # next, the day, running late, asked for, over


def test_of_one_it_names_nobody_also_where_another_has_stopped(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    stop_calendar(add_calendar(sam, "Van 2", first_name="Zebra"))
    booking = make_booking(drain, today_in(sam, 23))
    for address in ("", "bookings", f"bookings/{booking.pk}", "services", f"services/{drain.pk}"):
        page = text(dashboard.get(f"/dashboard/{address}"))
        assert "Zebra" not in page, address
        assert "Hand over" not in page, address
        assert "Everybody" not in page, address


def test_what_one_who_has_stopped_still_does_is_named(
    dashboard: Client, drain: Service, van: Calendar
) -> None:
    booking = make_booking(drain, calendar=van)
    stop_calendar(van)
    for address in ("", "bookings", f"bookings/{booking.pk}"):
        assert "Van 2" in text(dashboard.get(f"/dashboard/{address}")), address
    assert "Hand over" in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))


class TestTheList:
    def names(self, client: Client, **query: Any) -> list[str]:
        return [b.customer_name for b in client.get("/dashboard/bookings", query).context["page"].items]

    def test_it_shows_those_of_one(
        self, dashboard: Client, drain: Service, first: Calendar, van: Calendar
    ) -> None:
        make_booking(drain, customer_name="Ann", calendar=first)
        make_booking(drain, customer_name="Bea", calendar=van)
        make_booking(drain, customer_name="Bob", calendar=van)
        assert self.names(dashboard) == ["Ann", "Bea", "Bob"]
        assert self.names(dashboard, calendar=van.pk) == ["Bea", "Bob"]
        assert self.names(dashboard, calendar=van.pk, q="bob") == ["Bob"]
        assert self.names(dashboard, calendar=van.pk, show="past") == []
        page = text(dashboard.get("/dashboard/bookings", {"calendar": van.pk, "q": "b"}))
        assert f'<option value="{van.pk}" selected>' in page
        assert f'href="?calendar={van.pk}&amp;q=b&amp;show=past"' in page

    def test_odd_addresses_show_everybodys(self, dashboard: Client, drain: Service, van: Calendar) -> None:
        make_booking(drain, customer_name="Ann")
        for odd in ("nonsense", uuid4(), make_tradie().calendars.get().pk, ""):
            assert self.names(dashboard, calendar=odd) == ["Ann"]

    def test_those_of_one_who_has_stopped_can_be_looked_for(
        self, dashboard: Client, drain: Service, van: Calendar
    ) -> None:
        make_booking(drain, customer_name="Ann")
        make_booking(drain, customer_name="Bea", calendar=van)
        stop_calendar(van)
        assert self.names(dashboard, calendar=van.pk) == ["Bea"]
        assert f'<option value="{van.pk}" selected>' in text(
            dashboard.get("/dashboard/bookings", {"calendar": van.pk})
        )

    def test_a_worker_is_offered_only_those_whose_jobs_they_see(
        self, client: Client, sam: Tradie, drain: Service, van: Calendar, lee: User
    ) -> None:
        client.force_login(lee)
        assert len(client.get("/dashboard/bookings").context["crew"]) == 2
        Calendar.objects.filter(pk=van.pk).update(worker=lee)
        assert client.get("/dashboard/bookings").context["crew"] == []
        own = add_calendar(sam, "Lee")
        Calendar.objects.filter(pk=own.pk).update(worker=lee)
        assert client.get("/dashboard/bookings").context["crew"] == [van, own]


def test_they_take_as_many_queries_for_five_as_for_one(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    let_it_be_morning(sam)
    booking = make_booking(drain, today_in(sam, 22))
    pay(booking)
    counts = {"/dashboard/": 24, "/dashboard/bookings": 7, f"/dashboard/bookings/{booking.pk}": 14}
    counts |= {"/dashboard/services": 5}

    def look(counted: Callable[[int], Any]) -> None:
        for address, count in counts.items():
            dashboard.get(address)
            with counted(count):
                dashboard.get(address)

    look(django_assert_num_queries)
    for number in range(4):
        added = add_hours(add_calendar(sam, f"Van {number}"))
        pay(make_booking(drain, today_in(sam, 22), calendar=added))
        drain.calendars.add(added)
    look(django_assert_num_queries)


@pytest.mark.django_db(transaction=True)
class TestHandingOver:
    @pytest.fixture
    def booking(self, drain: Service, first: Calendar) -> Booking:
        return make_booking(drain, soon(drain.tradie), calendar=first)

    def test_it_shows_who_is_free_and_why_others_are_not(
        self, dashboard: Client, sam: Tradie, drain: Service, booking: Booking, van: Calendar
    ) -> None:
        busy, nobody = add_hours(add_calendar(sam, "Busy")), add_calendar(sam, "No hours")
        make_booking(drain, soon(sam), calendar=busy)
        page = dashboard.get(f"/dashboard/bookings/{booking.pk}/hand-over")
        assert [name for _, name in page.context["form"].fields["to"].choices] == ["Van 2"]
        assert page.context["busy"] == [
            (busy, "has another job then"),
            (nobody, "doesn't work at that time"),
        ]

    @pytest.mark.parametrize("tell", [True, False])
    def test_it_goes_to_who_was_chosen_and_the_customer_hears_of_it_or_not(
        self, tell: bool, dashboard: Client, booking: Booking, van: Calendar
    ) -> None:
        sent = {"to": str(van.pk)} | ({"tell": "on"} if tell else {})
        url = f"/dashboard/bookings/{booking.pk}/hand-over"
        for _ in range(2):  # the second press changes nothing
            page = dashboard.post(url, sent, follow=True)
            assert page.redirect_chain == [(f"/dashboard/bookings/{booking.pk}", 302)]
        booking.refresh_from_db()
        assert booking.calendar == van
        assert Message.objects.count() == int(tell)
        assert 'Handed over <span class="muted">· ' in text(page)
        assert "from Sam to Van 2" in text(page)

    def test_who_was_asked_for_is_said_and_the_box_is_ticked(
        self, dashboard: Client, booking: Booking
    ) -> None:
        Booking.objects.filter(pk=booking.pk).update(calendar_asked_for=True)
        page = dashboard.get(f"/dashboard/bookings/{booking.pk}/hand-over")
        assert "whom the customer asked for" in text(page)
        assert page.context["form"]["tell"].value() is True
        assert "(the customer asked for this)" in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))

    def test_who_is_not_free_any_more_cannot_be_chosen(
        self, dashboard: Client, drain: Service, booking: Booking, van: Calendar
    ) -> None:
        make_booking(drain, soon(drain.tradie), calendar=van)
        page = dashboard.post(f"/dashboard/bookings/{booking.pk}/hand-over", {"to": str(van.pk)})
        assert page.status_code == 400
        assert page.context["form"].errors["to"] == ["They aren't free then any more. Choose somebody else."]
        booking.refresh_from_db()
        assert booking.calendar != van

    def test_nothing_chosen_is_said_at_the_field(self, dashboard: Client, booking: Booking) -> None:
        page = dashboard.post(f"/dashboard/bookings/{booking.pk}/hand-over", {"tell": "on"})
        assert page.context["form"].errors["to"] == ["Choose somebody."]

    def test_where_nobody_else_is_free_it_says_so(
        self, dashboard: Client, drain: Service, booking: Booking, van: Calendar
    ) -> None:
        make_booking(drain, soon(drain.tradie), calendar=van)
        page = text(dashboard.get(f"/dashboard/bookings/{booking.pk}/hand-over"))
        assert "Nobody else is free then." in page
        assert "<bdi>Van 2</bdi> has another job then" in page

    def test_a_job_that_is_over_stays(self, dashboard: Client, drain: Service, first: Calendar) -> None:
        over = past(drain, 30, calendar=first)
        page = dashboard.post(f"/dashboard/bookings/{over.pk}/hand-over", {"to": str(uuid4())}, follow=True)
        assert "has changed in the meantime" in text(page)
        assert f"/dashboard/bookings/{over.pk}/hand-over" not in text(page)

    def test_a_worker_may_not(self, client: Client, booking: Booking, lee: User) -> None:
        client.force_login(lee)
        page = text(client.get(f"/dashboard/bookings/{booking.pk}"))
        assert "Sam" in page
        assert "Hand over" not in page


class TestWhoCanDoAService:
    def sent(self, dashboard: Client, service: Service, **changes: Any) -> dict[str, Any]:
        form = dashboard.get(f"/dashboard/services/{service.pk}").context["form"]
        data = {name: form[name].value() for name in form.fields}
        unticked = [
            name for name, value in data.items() if value is False and name != "follows_business_policy"
        ]
        return {
            name: "" if value is None else value for name, value in data.items() if name not in unticked
        } | changes

    def able(self, service: Service) -> list[str]:
        return [calendar.name for calendar in service.calendars.all()]

    def test_all_are_ticked_where_anybody_does_it(
        self, dashboard: Client, drain: Service, first: Calendar, van: Calendar
    ) -> None:
        sent = self.sent(dashboard, drain)
        assert sent["calendars"] == [str(first.pk), str(van.pk)]
        for ticked, able in (([van], ["Van 2"]), ([first, van], [])):
            sent |= {"calendars": [str(calendar.pk) for calendar in ticked]}
            assert dashboard.post(f"/dashboard/services/{drain.pk}", sent).status_code == 302
            assert self.able(drain) == able
            said = "<bdi>Van 2</bdi>" if able else "Anybody"
            assert said in text(dashboard.get("/dashboard/services"))

    def test_somebody_has_to(self, dashboard: Client, drain: Service, van: Calendar) -> None:
        page = dashboard.post(f"/dashboard/services/{drain.pk}", self.sent(dashboard, drain, calendars=[]))
        assert "Somebody has to do it." in text(page)

    def test_one_who_has_stopped_is_shown_where_it_is_named(
        self, dashboard: Client, drain: Service, first: Calendar, van: Calendar, sam: Tradie
    ) -> None:
        third = add_calendar(sam, "Third")
        drain.calendars.set([van, third])
        stop_calendar(van)
        sent = self.sent(dashboard, drain)
        assert sent["calendars"] == [str(van.pk), str(third.pk)]
        dashboard.post(f"/dashboard/services/{drain.pk}", sent)
        assert self.able(drain) == ["Van 2", "Third"]

    def test_a_new_one_is_for_whom_it_names(
        self, dashboard: Client, sam: Tradie, drain: Service, van: Calendar
    ) -> None:
        sent = self.sent(dashboard, drain, name="Gas check", calendars=[str(van.pk)])
        dashboard.post("/dashboard/services/new", sent | ONE_PAGE)
        assert self.able(sam.services.get(name="Gas check")) == ["Van 2"]

    def test_only_ones_own_can_be_named(self, dashboard: Client, drain: Service, van: Calendar) -> None:
        other = make_tradie().calendars.get()
        sent = self.sent(dashboard, drain, calendars=[str(other.pk)])
        assert list(dashboard.post(f"/dashboard/services/{drain.pk}", sent).context["form"].errors) == [
            "calendars"
        ]

    def test_of_one_nothing_is_asked_and_nothing_changes(
        self, dashboard: Client, sam: Tradie, drain: Service
    ) -> None:
        only = sam.calendars.get()
        drain.calendars.add(only)
        sent = self.sent(dashboard, drain)
        assert "calendars" not in sent
        dashboard.post(f"/dashboard/services/{drain.pk}", sent | {"calendars": ["nonsense"]})
        assert self.able(drain) == [only.name]
