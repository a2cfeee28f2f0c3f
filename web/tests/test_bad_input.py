"""What strangers send to the public endpoints: always the one error shape with the right code, never a 5xx, and
nothing is booked, changed or lost by it. Every answer is checked against the OpenAPI description."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import JO, booking_request, make_booking, make_service, soon
from local.testing.sent import body as text_of
from local.testing.sent import deliver_all
from notifications.models import Channel, Message

from . import wire_corpus as corpus
from .openapi import CheckedClient, description, is_allowed

pytestmark = pytest.mark.django_db
VALIDATION, MALFORMED, NOT_FOUND = (400, "VALIDATION_FAILED"), (400, "MALFORMED_REQUEST"), (404, "NOT_FOUND")
UNAUTHORIZED, FORBIDDEN, NO_METHOD = (401, "UNAUTHORIZED"), (403, "FORBIDDEN"), (405, "METHOD_NOT_ALLOWED")


@pytest.fixture
def send(client, settings):
    settings.RATE_LIMITS = False
    return CheckedClient(client).send


@pytest.fixture
def book(send, sam, quote):
    """Ask for a free time, with the value put into the place: `book("customer.name", "")`."""

    def book(place: str = "", value: Any = None, **headers: str) -> Any:
        body = booking_request(quote, soon(sam))
        return send("POST", "/api/bookings", put(body, place, value) if place else body, **headers)

    return book


def put(body: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    *outer, last = place.split(".")
    inner = body
    for name in outer:
        inner = inner[name]
    if value is corpus.DROP:
        del inner[last]
    else:
        inner[last] = value
    return body


def verdict(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# ---- the body of a booking


@pytest.mark.parametrize("place", corpus.BAD_VALUES)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(book, subtests, place):
    for value in corpus.BAD_VALUES[place]:
        with subtests.test(repr(value)[:60]):
            response = book(place, value)
            assert verdict(response) == VALIDATION
            assert {name.split(".")[0] for name in response.json()["fields"]} == {place.split(".")[0]}
    assert not Booking.objects.exists()


def test_the_description_forbids_what_is_refused_for_its_form(subtests):
    """What it allows is refused only for what it could not say: whether a phone rings, or who sells what."""
    book = description()["paths"]["/api/bookings"]["post"]
    for place, values in corpus.BAD_VALUES.items():
        for value in values:
            with subtests.test(f"{place}: {value!r}"[:60]):
                unsaid = place in ("customer.phone", "customer.email") or value == corpus.NOBODY
                assert value is corpus.DROP or unsaid or not is_allowed(book, place, value)
    for place, value in corpus.ACCEPTED.values():
        assert is_allowed(book, place, value)


def test_every_bad_field_is_named_at_once(send, sam, quote):
    sent = booking_request(quote, soon(sam)) | {"start": "soon", "customer": {"name": "", "phone": "1"}}
    fields = send("POST", "/api/bookings", sent).json()["fields"]
    assert set(fields) == {"start", "customer.name", "customer.email", "customer.phone"}


def test_a_time_that_is_not_on_offer(book, sam, subtests):
    for name, shift in corpus.NOT_ON_OFFER.items():
        with subtests.test(name):
            response = book("start", (soon(sam) + shift).isoformat())
            assert (verdict(response), list(response.json()["fields"])) == (VALIDATION, ["start"])
    assert not Booking.objects.exists()


def test_services_that_are_not_this_tradies_to_sell(book, sam, alex):
    for service in (make_service(sam, is_active=False), make_service(alex)):
        response = book("service", str(service.pk))
        assert (verdict(response), list(response.json()["fields"])) == (VALIDATION, ["service"])


def test_a_tradie_who_is_unknown_or_closed(book, sam):
    assert verdict(book("tradie", "nobody")) == NOT_FOUND
    sam.is_open = False
    sam.save()
    assert verdict(book()) == NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/bookings"), ("PATCH", "/api/bookings/{id}"), ("POST", "/api/payments/intent")],
)
def test_a_body_that_is_no_request(send, quote, subtests, method, path):
    booking = make_booking(quote)
    for name, body in corpus.BODIES.items():
        with subtests.test(name):
            response = send(
                method, path.format(id=booking.pk), body, authorization=f"Bearer {token_of(booking)}"
            )
            assert verdict(response) in (MALFORMED, VALIDATION)
    assert Booking.objects.get().status == Status.CONFIRMED


def test_another_content_type_is_refused(book, subtests):
    for content_type in corpus.CONTENT_TYPES:
        with subtests.test(content_type):
            assert verdict(book(content_type=content_type)) == MALFORMED
    assert not Booking.objects.exists()


def test_an_idempotency_key_must_be_a_uuid(book, subtests):
    for key in corpus.IDEMPOTENCY_KEYS:
        with subtests.test(key[:40]):
            assert verdict(book(idempotency_key=key)) == MALFORMED
    assert not Booking.objects.exists()


def test_what_the_client_says_of_money_and_status_is_not_looked_at(send, sam, quote):
    response = send("POST", "/api/bookings", booking_request(quote, soon(sam)) | corpus.LIES)
    booking = response.json()["booking"]
    assert (response.status_code, booking["status"]) == (201, "confirmed")
    assert (booking["service"]["price_cents"], booking["service"]["duration_minutes"]) == (0, 30)
    assert booking["id"] != corpus.NOBODY


# ---- what must be accepted


@pytest.mark.parametrize("name", corpus.ACCEPTED)
def test_what_people_really_write_is_kept_and_told_as_it_is(book, send, sent, name):
    place, value = corpus.ACCEPTED[name]
    response = book(place, value)
    assert response.status_code == 201
    booking, token = response.json()["booking"], response.json()["token"]
    assert send("GET", f"/api/bookings/{booking['id']}", authorization=f"Bearer {token}").json() == booking
    if place not in ("hold", "answers"):
        *outer, last = place.split(".")
        assert (booking[outer[0]] if outer else booking)[last] == value
    deliver_all(now=timezone.now())
    assert not Message.objects.filter(sent_at=None).exists()
    assert all(text_of(mail, kind) for mail in sent.mails for kind in ("plain", "html"))


@pytest.mark.parametrize(("typed", "kept", "gets_sms"), corpus.PHONES)
def test_any_phone_that_rings_is_taken_and_only_australian_mobiles_get_sms(book, typed, kept, gets_sms):
    response = book("customer.phone", typed)
    assert response.status_code == 201
    assert response.json()["booking"]["customer"]["phone"] == kept
    assert Message.objects.filter(audience="customer", channel=Channel.SMS).exists() is gets_sms


# ---- the token

WITH_TOKEN = [
    ("GET", "/api/bookings/{id}", None),
    ("PATCH", "/api/bookings/{id}", {"status": "cancelled"}),
    ("POST", "/api/payments/intent", {"booking": "{id}"}),
    ("POST", "/api/payments/extension", {"booking": "{id}"}),
]


def for_booking(body: Any, booking_id: object) -> Any:
    return {"booking": str(booking_id)} if body and "booking" in body else body


@pytest.mark.parametrize(("method", "path", "body"), WITH_TOKEN)
def test_without_its_token_a_booking_is_closed(send, quote, subtests, method, path, body):
    booking = make_booking(quote)
    for name, headers in corpus.TOKENS.items():
        with subtests.test(name):
            response = send(method, path.format(id=booking.pk), for_booking(body, booking.pk), **headers)
            assert verdict(response) == UNAUTHORIZED
            assert JO.name.encode() not in response.content
    assert Booking.objects.get().status == Status.CONFIRMED


@pytest.mark.parametrize(("method", "path", "body"), WITH_TOKEN)
def test_the_token_of_another_booking_is_forbidden(send, quote, method, path, body):
    booking, other = make_booking(quote), make_booking(quote)
    for pk in (booking.pk, corpus.NOBODY):
        token = {"authorization": f"Bearer {token_of(other)}"}
        assert verdict(send(method, path.format(id=pk), for_booking(body, pk), **token)) == FORBIDDEN
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.CONFIRMED}


def test_a_change_that_makes_no_sense_changes_nothing(send, quote, subtests):
    booking = make_booking(quote)
    for body in corpus.SENSELESS_CHANGES:
        with subtests.test(repr(body)[:60]):
            token = {"authorization": f"Bearer {token_of(booking)}"}
            assert verdict(send("PATCH", f"/api/bookings/{booking.pk}", body, **token)) == VALIDATION
    assert Booking.objects.values().get() == Booking.objects.filter(pk=booking.pk).values().get()
    booking.refresh_from_db()
    assert (booking.status, booking.sequence) == (Status.CONFIRMED, 0)


def test_an_intent_for_what_is_no_booking(send, subtests):
    for value in (None, "", "1", [], {}, corpus.LONG, "\u0000"):
        with subtests.test(repr(value)[:40]):
            assert verdict(send("POST", "/api/payments/intent", {"booking": value})) == VALIDATION


def test_an_intent_for_a_booking_that_is_settled(send, drain):
    booking = make_booking(drain)
    token = {"authorization": f"Bearer {token_of(booking)}"}
    answer = send("POST", "/api/payments/intent", {"booking": str(booking.pk)}, **token)
    assert verdict(answer) == (409, "BOOKING_NOT_PAYABLE")


def test_an_intent_for_a_tradie_who_takes_no_cards_any_more(send, sam, drain):
    held = make_booking(drain, status=Status.PENDING)
    sam.connected_account.can_charge = False
    sam.connected_account.save()
    token = {"authorization": f"Bearer {token_of(held)}"}
    answer = send("POST", "/api/payments/intent", {"booking": str(held.pk)}, **token)
    assert verdict(answer) == (409, "TRADIE_NOT_BOOKABLE")


# ---- addresses, query strings, methods


def test_a_day_that_cannot_be_asked_for(send, sam, quote, subtests):
    for query in corpus.NO_DAYS:
        with subtests.test(query[:60]):
            expected = MALFORMED if "%00" in query else VALIDATION
            assert verdict(send("GET", f"/api/availability/{sam.slug}?{query}")) == expected


def test_days_that_are_over_or_out_of_reach_have_no_times(send, sam, quote, subtests):
    for query in corpus.DAYS_WITHOUT_TIMES:
        with subtests.test(query[:60]):
            body = send("GET", f"/api/availability/{sam.slug}?{query}").json()
            days = body.get("days", [])
            assert not body.get("slots")
            assert not any(day["slots"] for day in days)


def test_a_foreign_service_has_no_times_here(send, sam, alex, quote):
    path = f"/api/availability/{sam.slug}?date=2027-01-14&service={make_service(alex).pk}"
    assert verdict(send("GET", path)) == VALIDATION


def test_unknown_addresses(send, subtests):
    for path in corpus.UNKNOWN_ADDRESSES:
        with subtests.test(path[:60]):
            assert verdict(send("GET", path)) == NOT_FOUND


def test_a_nul_in_the_address_is_malformed(send, subtests):
    for path in corpus.WITH_NUL:
        with subtests.test(path):
            assert verdict(send("GET", path)) == MALFORMED


def test_an_endless_address_is_malformed(send, subtests):
    for path in corpus.ENDLESS:
        with subtests.test(path[:60]):
            assert verdict(send("GET", path)) == MALFORMED


@pytest.mark.parametrize("path", corpus.METHODS)
def test_other_methods_are_refused_and_told_which_there_are(send, sam, subtests, path):
    for method in corpus.ALL_METHODS - corpus.METHODS[path]:
        with subtests.test(method):
            response = send(method, path, {})
            assert verdict(response) == NO_METHOD
            assert set(response["Allow"].split(", ")) == corpus.METHODS[path]


def test_answers_are_json_whatever_is_accepted(send, sam, subtests):
    for accept in ("text/html", "application/xml", "image/*", "", "x" * 3_000):
        with subtests.test(accept[:40]):
            assert send("GET", f"/api/tradies/{sam.slug}", accept=accept).status_code == 200
            assert verdict(send("GET", "/api/tradies/nobody", accept=accept)) == NOT_FOUND
