"""POST /api/bookings and the free times where the business has zones: the fee is seen first, then agreed to, then
frozen; the days are kept; what is in no zone is asked to call."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accounts.call_out_zones import CallOutZone, as_column
from accounts.models import Tradie
from bookings.models import Booking
from local.testing.cast import owner_of, soon
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db(transaction=True)

INNER = CallOutZone("Inner West", postcodes=("2040-2050",), fee_cents=4_500)
NORTH = CallOutZone("North", postcodes=("2088",), fee_cents=6_000, extra_minutes=30)
ELSEWHERE = CallOutZone("Elsewhere", fee_cents=9_000)
MOSMAN = {"line1": "1 Military Rd", "suburb": "Mosman", "state": "NSW", "postcode": "2088"}


@pytest.fixture
def zones(sam):
    def set_to(*zones):
        Tradie.objects.filter(pk=sam.pk).update(call_out_zones=as_column(zones))

    return set_to


def weekday_of(start, sam):
    return in_zone(start, sam.timezone).weekday()


def test_the_fee_and_why_come_before_anything_is_held(api, sam, drain, stripe_app, zones):
    zones(INNER)
    body = api.book(drain, soon(sam)).json()
    assert (body["code"], body["call_out_fee_cents"], body["price_cents"]) == ("CALL_OUT_FEE", 4_500, 16_500)
    assert body["message"] == (
        "A call-out fee of $45 is added to the price: 2042 is in Inner West. Nothing is held yet: press the button"
        " again if that is fine."
    )
    assert api.book(drain, soon(sam), call_out_fee_cents=4_499).status_code == 409
    assert not Booking.objects.exists()
    assert stripe_app.intents() == []


def test_agreed_to_it_is_in_the_price_frozen_and_not_in_the_deposit(
    api, sam, drain, stripe_app, zones, client
):
    zones(INNER)
    key = uuid.uuid4()
    body = api.book(drain, soon(sam), key=key, call_out_fee_cents=4_500).json()
    told = body["booking"]
    assert (told["service"]["price_cents"], told["call_out_fee_cents"], told["deposit_cents"]) == (
        16_500,
        4_500,
        3_000,
    )
    assert body["payment"]["amount_cents"] == 3_000
    zones(CallOutZone("Inner West", fee_cents=9_900))
    assert api.book(drain, soon(sam), key=key, call_out_fee_cents=4_500).json() == body  # sent once more
    moved = api.book(drain, soon(sam, hour=11), hold=body["token"]).json()["booking"]
    assert moved["service"]["price_cents"] == 16_500
    client.force_login(owner_of(sam))
    booking = Booking.objects.get()
    page = client.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert "Call-out fee in it" in page
    assert "(Inner West)" in page
    Booking.objects.update(status="confirmed", held_until=None)
    shown = client.get(f"/manage/{body['token']}").content.decode()
    assert "Call-out fee in it" in shown


def test_a_hold_that_moves_to_another_zone_is_on_its_terms(api, sam, drain, stripe_app, zones):
    zones(INNER, NORTH, ELSEWHERE)
    token = api.book(drain, soon(sam), call_out_fee_cents=4_500).json()["token"]
    there = {"hold": token, "address": MOSMAN}
    refused = api.book(drain, soon(sam), **there, call_out_fee_cents=4_500).json()
    assert (refused["code"], refused["price_cents"]) == ("CALL_OUT_FEE", 18_000)
    assert api.book(drain, soon(sam), **there, call_out_fee_cents=6_000).status_code == 201
    booking = Booking.objects.get()
    assert (booking.price_cents, booking.call_out_zone, booking.buffer_after_minutes) == (
        18_000,
        "North",
        drain.buffer_after_minutes + 30,
    )
    back = api.book(drain, soon(sam), hold=token).json()["booking"]  # nearer, and so nothing to agree to
    assert back["service"]["price_cents"] == 16_500
    booking.refresh_from_db()
    assert booking.period.upper - booking.ends_at == timedelta(minutes=drain.buffer_after_minutes)


def test_the_statement_says_it_where_the_postcode_is_known(api, sam, drain, zones):
    zones(INNER, NORTH)
    start = soon(sam).isoformat()

    def told(postcode):
        asked = {"service": str(drain.pk), "start": start, "postcode": postcode}
        return api.client.get(f"/api/tradies/{sam.slug}/statement", asked)

    [first, *rest] = told("2042").json()["policy_statement"]
    assert first == "A call-out fee of $45 is added to the price: 2042 is in Inner West."
    assert told("").json()["policy_statement"] == rest
    assert told("3000").json()["code"] == "OUTSIDE_SERVICE_AREA"


def test_in_no_zone_is_asked_to_call(api, sam, drain, stripe_app, zones):
    zones(NORTH)
    answer = api.book(drain, soon(sam))
    assert (answer.status_code, answer.json()["code"]) == (422, "OUTSIDE_SERVICE_AREA")
    assert "2042 is outside the area where" in answer.json()["message"]
    assert "To ask all the same, call" in answer.json()["message"]
    listed = api.get(f"/api/availability/{sam.slug}?month={soon(sam):%Y-%m}&postcode=2042")
    assert (listed.status_code, listed.json()["message"]) == (422, answer.json()["message"])
    zones(NORTH, ELSEWHERE)
    assert api.book(drain, soon(sam), call_out_fee_cents=9_000).status_code == 201


def test_a_zone_is_gone_to_on_its_days(api, sam, drain, stripe_app, zones):
    start = soon(sam)
    other = (weekday_of(start, sam) + 1) % 7
    zones(CallOutZone("Inner West", postcodes=("2042",), weekdays=(other,)))
    answer = api.book(drain, start)
    assert (answer.status_code, answer.json()["code"]) == (409, "SLOT_UNAVAILABLE")
    assert answer.json()["message"] == "Jobs at that address aren't done on that day of the week."
    next_times = answer.json()["alternatives"]
    assert {weekday_of(soon(sam).fromisoformat(one["start"]), sam) for one in next_times} == {other}
    day = in_zone(start, sam.timezone).date()
    address = f"/api/availability/{sam.slug}?date={day}"
    assert api.get(address).json()["slots"]
    assert api.get(f"{address}&postcode=2042").json()["slots"] == []
    tomorrow = api.get(f"/api/availability/{sam.slug}?date={day + timedelta(days=1)}&postcode=2042").json()
    assert next_times[0]["start"] in [slot["start"] for slot in tomorrow["slots"]]


def test_without_zones_a_postcode_changes_nothing_and_costs_no_query(
    api, sam, drain, django_assert_num_queries, zones
):
    address = f"/api/availability/{sam.slug}?month={soon(sam):%Y-%m}"
    with django_assert_num_queries(1):
        anywhere = api.get(address).content
    with django_assert_num_queries(1):
        assert api.get(f"{address}&postcode=2042").content == anywhere
    zones(INNER, NORTH)
    with django_assert_num_queries(1):
        api.get(f"{address}&postcode=2088&times=minutes")
