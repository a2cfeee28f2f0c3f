"""The OpenAPI description and the API say the same: a whole booking, every answer of it checked field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import yaml
from django.conf import settings
from django.urls import URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from local.testing.cast import booking_request, soon
from peepopay import errors
from web.tests.test_webhook import signed

from .openapi import CheckedClient, description

UNDESCRIBED = {"api/schema", "api/docs"}  # they are about it
# Named in the contract, not answered by any endpoint yet.
NOT_YET: set[str] = set()


@pytest.fixture
def send(client):
    return CheckedClient(client).send


def test_the_description_is_valid_openapi():
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))


def test_the_committed_description_is_the_one_of_the_code():
    """The widget's types are made from it. `make schema` writes both."""
    committed = yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text())
    ours = SchemaGenerator().get_schema(request=None, public=True)
    assert committed == json.loads(json.dumps(ours, default=str))


def test_every_operation_says_what_it_does_in_a_line():
    operations = [one for operations in description()["paths"].values() for one in operations.values()]
    assert [one["operationId"] for one in operations if not one.get("summary")] == []
    assert len({one["summary"] for one in operations}) == len(operations)


def test_every_address_of_the_api_is_described():
    of_the_api = {
        route for route in routes(get_resolver()) if route.startswith(("api/", "webhooks/"))
    } - UNDESCRIBED
    described = {path.strip("/") for path in description()["paths"]}
    assert {simplified(route) for route in of_the_api} == described


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern)


def simplified(route: str) -> str:
    """`api/tradies/<slug:slug>` -> `api/tradies/{slug}`"""
    return "".join(
        "{" + part.partition(">")[0].partition(":")[2] + "}" + part.partition(">")[2] if ">" in part else part
        for part in route.split("<")
    )


def test_every_error_code_is_described_under_its_status_and_no_other_is():
    described = {
        (int(status), code)
        for operations in description()["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code in answer["description"].partition(":")[0].split(", ")
    }
    assert described == {
        (error.status, error.code) for error in errors.ALL_ERRORS if error.code not in NOT_YET
    }


@pytest.mark.django_db(transaction=True)
def test_a_whole_booking_answers_as_described(send, client, sam, drain, stripe_app):
    profile = send("GET", f"/api/tradies/{sam.slug}")
    assert send("GET", f"/api/tradies/{sam.slug}", if_none_match=profile["ETag"]).status_code == 304
    start = soon(sam)
    for when in (f"date={start:%Y-%m-%d}", f"month={start:%Y-%m}"):
        path = f"/api/availability/{sam.slug}?{when}&service={drain.pk}"
        listed = send("GET", path)
        assert start.isoformat() in listed.content.decode()
        assert send("GET", path, if_none_match=listed["ETag"]).status_code == 304
    path = f"/api/tradies/{sam.slug}/statement?{urlencode({'service': drain.pk, 'start': start.isoformat()})}"
    statement = send("GET", path)
    assert send("GET", path, if_none_match=statement["ETag"]).status_code == 304
    made = send("POST", "/api/bookings", booking_request(drain, start))
    assert made.status_code == 201
    booking, token = (
        f"/api/bookings/{made.json()['booking']['id']}",
        {"authorization": f"Bearer {made.json()['token']}"},
    )
    again = send("POST", "/api/payments/intent", {"booking": made.json()["booking"]["id"]}, **token)
    assert again.json() == made.json()["payment"]
    stripe_app.pay(again.json()["client_secret"])
    assert send("PATCH", booking, {"status": "confirmed"}, **token).json()["status"] == "confirmed"
    moved = send("PATCH", booking, {"start": soon(sam, hour=11).isoformat()}, **token)
    assert moved.json()["start"] == soon(sam, hour=11).isoformat()
    assert send("GET", booking, **token).json() == moved.json()
    assert (
        send("PATCH", booking, {"status": "cancelled", "reason": "Sold it"}, **token).json()["status"]
        == "cancelled"
    )
    assert (
        send("PATCH", booking, {"start": start.isoformat()}, **token).json()["code"]
        == "BOOKING_NOT_CHANGEABLE"
    )


@pytest.mark.django_db
def test_free_times_are_as_described_though_no_serializer_makes_them(send, sam, quote, alex):
    """`availability/listing.py` writes them. Alex sells nothing yet."""
    near, gone, far = soon(sam), soon(sam, days=-40), soon(sam, days=400)
    for slug in (sam.slug, alex.slug):
        for day in (near, gone, far):
            send("GET", f"/api/availability/{slug}?date={day:%Y-%m-%d}")
            send("GET", f"/api/availability/{slug}?month={day:%Y-%m}")
    assert send("GET", f"/api/availability/{sam.slug}?date={near:%Y-%m-%d}").json()["slots"]
    assert send("GET", f"/api/availability/{sam.slug}?month={far:%Y-%m}").json()["first_free"] is None
    assert send("GET", f"/api/availability/{alex.slug}?month={near:%Y-%m}").json()["service"] is None


@pytest.mark.django_db(transaction=True)
def test_refusals_answer_as_described(send, sam, drain, quote, stripe_app, settings):
    taken = send("POST", "/api/bookings", booking_request(quote, soon(sam)))
    refused = send("POST", "/api/bookings", booking_request(quote, soon(sam)))
    assert (taken.status_code, refused.json()["code"]) == (201, "SLOT_UNAVAILABLE")
    assert len(refused.json()["alternatives"]) == 3
    stripe_app.fault("POST /v1/payment_intents", status=500, times=0)
    away = send("POST", "/api/bookings", booking_request(drain, soon(sam, hour=11)))
    assert away.json()["code"] == "PAYMENT_PROVIDER_UNAVAILABLE"
    sam.connected_account.can_charge = False
    sam.connected_account.save()
    closed = send("POST", "/api/bookings", booking_request(drain, soon(sam, hour=11)))
    assert closed.json()["code"] == "TRADIE_NOT_BOOKABLE"


@pytest.mark.django_db
def test_the_webhook_answers_as_described(send, settings):
    body = b'{"id": "evt_1", "object": "event", "type": "customer.created", "created": 1, "livemode": false,'
    body += b' "data": {"object": {"id": "cus_1"}}}'
    signature = signed(body, settings.STRIPE_WEBHOOK_SECRETS[0])
    assert send("POST", "/webhooks/stripe", body, stripe_signature=signature).json() == {"received": True}
    assert send("POST", "/webhooks/stripe", body, stripe_signature="t=1,v1=00").status_code == 400
