"""People and vans over the API: asked for, told of, and never mentioned where there is only one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import Service, Tradie
from availability.catalogue import change_service
from availability.crew import (
    add_calendar,
    change_calendar,
    let_customers_choose,
    start_calendar,
    stop_calendar,
)
from availability.models import Calendar
from bookings.models import Booking
from bookings.tokens import token_of
from local.testing.cast import Api, make_booking, make_service, soon

pytestmark = pytest.mark.django_db(transaction=True)
PROFILE = "/api/tradies/sam-plumber"


@pytest.fixture(autouse=True)
def _customers_may_choose(sam: Tradie) -> None:
    let_customers_choose(sam, True)


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.get()


def starts(api: Api, service: Service, **asked: Any) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    path = f"/api/availability/{service.tradie.slug}?date={soon(service.tradie).date()}&service={service.pk}"
    answer = api.get(f"{path}&{query}")
    assert answer.status_code == 200, answer.json()
    return [slot["start"] for slot in answer.json()["slots"]]


def read(api: Api, booking: Booking) -> Any:
    return api.get(f"/api/bookings/{booking.pk}", token_of(booking)).json()


class TestOfSeveral:
    def test_the_times_of_one_or_of_any_can_be_asked_for(
        self, api: Api, sam: Tradie, quote: Service, first: Calendar, van: Calendar
    ) -> None:
        make_booking(quote, soon(sam), calendar=van)
        nine = soon(sam).isoformat()
        assert nine in starts(api, quote)
        assert nine in starts(api, quote, calendar=first.pk)
        assert nine not in starts(api, quote, calendar=van.pk)
        make_booking(quote, soon(sam, hour=11), calendar=first)
        assert len(starts(api, quote, calendar=van.pk)) == len(starts(api, quote)) - 1

    def test_whoever_is_asked_for_gets_the_booking_or_nobody(
        self, api: Api, sam: Tradie, quote: Service, van: Calendar
    ) -> None:
        made = api.book(quote, soon(sam), calendar=str(van.pk))
        assert made.json()["booking"]["calendar"] == {"id": str(van.pk), "name": "Van 2"}
        assert Booking.objects.get().calendar_asked_for is True
        refused = api.book(quote, soon(sam), calendar=str(van.pk))
        assert (refused.status_code, refused.json()["code"]) == (409, "SLOT_UNAVAILABLE")
        assert api.book(quote, soon(sam)).json()["booking"]["calendar"]["name"] == "Sam"

    @pytest.mark.parametrize("whose", ["stopped", "unable", "another business's", "nobody's"])
    def test_one_that_cannot_do_it_is_refused_at_its_field(
        self, whose: str, api: Api, sam: Tradie, quote: Service, first: Calendar, van: Calendar, alex: Tradie
    ) -> None:
        match whose:
            case "stopped":
                stop_calendar(van)
            case "unable":
                change_service(sam, quote, [first])
        calendar = {"another business's": alex.calendars.get().pk, "nobody's": uuid.uuid4()}.get(
            whose, van.pk
        )
        path = f"/api/availability/sam-plumber?date={soon(sam).date()}&service={quote.pk}&calendar={calendar}"
        for answer in (api.get(path), api.book(quote, soon(sam), calendar=str(calendar))):
            assert (answer.status_code, list(answer.json()["fields"])) == (400, ["calendar"])

    def test_what_is_no_id_is_refused(self, api: Api, sam: Tradie, quote: Service) -> None:
        asked = api.get(f"/api/availability/sam-plumber?date={soon(sam).date()}&calendar=kim")
        assert asked.json()["fields"] == {"calendar": ["This isn't the id of a calendar."]}
        assert list(api.book(quote, soon(sam), calendar="kim").json()["fields"]) == ["calendar"]

    def test_the_profile_says_who_does_what(
        self, api: Api, sam: Tradie, drain: Service, quote: Service, first: Calendar, van: Calendar
    ) -> None:
        gone = make_service(sam, name="Gone", is_active=False)
        change_service(sam, drain, [van])
        change_service(sam, gone, [first])
        assert api.get(PROFILE).json()["calendars"] == [
            {"id": str(first.pk), "name": "Sam", "services": [str(quote.pk)]},
            {"id": str(van.pk), "name": "Van 2", "services": [str(drain.pk), str(quote.pk)]},
        ]

    def test_every_change_shows_in_the_very_next_profile(
        self, api: Api, sam: Tradie, first: Calendar, van: Calendar
    ) -> None:
        def named() -> list[str]:
            return [calendar["name"] for calendar in api.get(PROFILE).json().get("calendars", [])]

        assert named() == ["Sam", "Van 2"]
        change_calendar(van, name="Kim")
        assert named() == ["Sam", "Kim"]
        stop_calendar(van)
        assert named() == []
        start_calendar(van)
        assert named() == ["Sam", "Kim"]

    def test_the_profile_costs_as_much_for_three_as_for_two(
        self, api: Api, sam: Tradie, drain: Service, van: Calendar, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(
            5
        ):  # the tradie, their services, who there is, who is named, the account
            api.get(PROFILE)
        change_service(sam, make_service(sam, name="Gas"), [add_calendar(sam, "Van 3"), van])
        with django_assert_num_queries(5):
            api.get(PROFILE)

    def test_a_booking_says_whose_it_is_also_after_that_one_stopped(
        self, api: Api, sam: Tradie, quote: Service, van: Calendar
    ) -> None:
        add_calendar(sam, "Van 3")
        booking = make_booking(quote, soon(sam), calendar=van)
        stop_calendar(van)
        assert read(api, booking)["calendar"] == {"id": str(van.pk), "name": "Van 2"}

    def test_a_booking_that_moves_says_who_comes_then(
        self, api: Api, sam: Tradie, quote: Service, first: Calendar, van: Calendar
    ) -> None:
        booking = make_booking(quote, soon(sam), calendar=van)
        make_booking(quote, soon(sam, hour=11), calendar=van)
        moved = api.patch(
            f"/api/bookings/{booking.pk}", {"start": soon(sam, hour=11).isoformat()}, token_of(booking)
        )
        assert moved.json()["calendar"] == {"id": str(first.pk), "name": "Sam"}


class TestWhereCustomersMayNotChoose:
    """As it is until the tradie says otherwise: nobody's name is published, and nobody can be asked for."""

    @pytest.fixture(autouse=True)
    def _not_chosen(self, sam: Tradie, van: Calendar) -> None:
        let_customers_choose(sam, False)

    def test_it_is_so_at_first(self, alex: Tradie) -> None:
        assert alex.customers_choose_who is False

    def test_the_profile_names_nobody(self, api: Api, sam: Tradie) -> None:
        assert "calendars" not in api.get(PROFILE).json()
        let_customers_choose(sam, True)
        assert len(api.get(PROFILE).json()["calendars"]) == 2

    def test_nobody_can_be_asked_for(self, api: Api, sam: Tradie, quote: Service, van: Calendar) -> None:
        path = f"/api/availability/sam-plumber?date={soon(sam).date()}&service={quote.pk}&calendar={van.pk}"
        for answer in (api.get(path), api.book(quote, soon(sam), calendar=str(van.pk))):
            assert (answer.status_code, list(answer.json()["fields"])) == (400, ["calendar"])
        assert not Booking.objects.exists()

    def test_who_comes_is_told_once_it_is_booked(self, api: Api, sam: Tradie, quote: Service) -> None:
        made = api.book(quote, soon(sam)).json()["booking"]
        assert made["calendar"]["name"] == "Sam"
        assert Booking.objects.get().calendar_asked_for is False


class TestOfOne:
    """Nothing shows, and nothing costs more."""

    def test_neither_profile_nor_booking_mentions_it(
        self, api: Api, sam: Tradie, quote: Service, first: Calendar
    ) -> None:
        assert "calendars" not in api.get(PROFILE).json()
        made = api.book(quote, soon(sam)).json()["booking"]
        assert "calendar" not in made
        booking = Booking.objects.get(pk=made["id"])
        assert "calendar" not in read(api, booking)
        body = {"start": soon(sam, hour=11).isoformat()}
        assert "calendar" not in api.patch(f"/api/bookings/{booking.pk}", body, token_of(booking)).json()

    def test_others_that_have_stopped_are_not_mentioned(
        self, api: Api, sam: Tradie, quote: Service, first: Calendar, van: Calendar
    ) -> None:
        booking = make_booking(quote, soon(sam), calendar=van)
        stop_calendar(van)
        assert "calendars" not in api.get(PROFILE).json()
        assert "calendar" not in read(api, booking)

    def test_it_can_be_asked_for_all_the_same(
        self, api: Api, sam: Tradie, quote: Service, first: Calendar
    ) -> None:
        assert starts(api, quote, calendar=first.pk) == starts(api, quote)
        assert api.book(quote, soon(sam), calendar=str(first.pk)).status_code == 201
