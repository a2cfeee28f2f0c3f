"""GET /api/suburbs, and addresses that can't be."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import Api, booking_request, soon


def ask(client: Client, **query: str) -> Any:
    return client.get("/api/suburbs", query, headers={"origin": "https://joes-plumbing.example.com"})


def test_a_beginning_is_answered_with_whole_places_and_no_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = ask(client, q="2042")
    assert answer.json() == {
        "suburbs": [
            {"suburb": "Enmore", "state": "NSW", "postcode": "2042"},
            {"suburb": "Newtown", "state": "NSW", "postcode": "2042"},
        ]
    }
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert answer["Access-Control-Allow-Origin"] == "*"
    again = client.get("/api/suburbs", {"q": "2042"}, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_those_of_the_tradies_state_come_first(client, db):
    told = ask(client, q="newtown", state="VIC").json()["suburbs"]
    assert told[0] == {"suburb": "Newtown", "state": "VIC", "postcode": "3220"}


def test_of_those_the_nearest_to_the_tradie_come_first_after_one_called_just_so(client, db):
    told = ask(client, q="mar", state="NSW", near="Marrickville NSW").json()["suburbs"]
    assert told[0]["suburb"] == "Marrickville"
    assert {place["state"] for place in told} == {"NSW"}
    told = ask(client, q="richmond", state="NSW", near="Penrith NSW").json()["suburbs"]
    assert told[0] == {"suburb": "Richmond", "state": "NSW", "postcode": "2753"}
    assert ask(client, q="2042", near="nowhere at all").json() == ask(client, q="2042").json()


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 81}, {"q": "newt", "state": "XX"}])
def test_what_is_no_question_400(client, db, query):
    answer = ask(client, **query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [list(query)[-1] if query else "q"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"postcode": "0000"}, {"address.postcode": ["There's no postcode 0000. Please check it."]}),
        ({"postcode": "3000"}, {"address.postcode": ["3000 is in VIC, not in NSW."]}),
        ({"suburb": "Perth"}, {"address.suburb": ["Perth isn't in 2042. 2042 has Enmore and Newtown."]}),
    ],
)
def test_an_address_that_can_not_be_is_not_booked(
    api: Api, sam: Tradie, quote: Service, address: dict[str, str], said: dict[str, list[str]]
) -> None:
    sent = booking_request(quote, soon(sam))
    sent["address"] |= {"suburb": "Newtown", "state": "NSW", "postcode": "2042", **address}
    answer = api.post("/api/bookings", sent)
    assert (answer.status_code, answer.json()["fields"]) == (400, said)
    assert not Booking.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestServiceArea:
    @pytest.fixture(autouse=True)
    def near_newtown(self, sam: Tradie) -> None:
        Tradie.objects.filter(pk=sam.pk).update(area_km=30, area_postcode="2042")

    def book(self, api: Api, sam: Tradie, quote: Service, **address: str) -> Any:
        return api.post(
            "/api/bookings",
            booking_request(quote, soon(sam)) | {"address": {"line1": "1 High Street", **address}},
        )

    def test_within_it_is_as_anywhere(self, api: Api, sam: Tradie, quote: Service) -> None:
        answer = self.book(api, sam, quote, suburb="Parramatta", state="NSW", postcode="2150")
        assert answer.status_code == 201

    def test_too_far_away_422_with_whom_to_call(self, api: Api, sam: Tradie, quote: Service) -> None:
        answer = self.book(api, sam, quote, suburb="Perth", state="WA", postcode="6000")
        assert (answer.status_code, answer.json()["code"]) == (422, "OUTSIDE_SERVICE_AREA")
        assert answer.json()["message"] == (
            f"6000 is outside the area where {sam.business_name} works: within 30 km of 2042."
            " To ask all the same, call (02) 9550 1234."
        )
        assert not Booking.objects.exists()
