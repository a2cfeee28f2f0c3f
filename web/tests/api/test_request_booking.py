"""POST /api/bookings"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from bookings.models import Booking, Status
from local.testing.cast import booking_request, make_service, soon
from notifications.models import Message
from payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_booking_with_a_deposit_holds_the_time_and_can_be_paid(api, sam, drain, stripe_app):
    start = soon(sam)
    response = api.book(drain, start)
    body = response.json()
    assert response.status_code == 201
    assert body["booking"]["status"] == "pending"
    assert body["booking"]["start"] == start.isoformat()
    assert body["booking"]["end"] == (start + timedelta(minutes=60)).isoformat()
    assert body["booking"]["deposit_cents"] == body["payment"]["amount_cents"] == 3_000
    assert body["payment"]["account"] == "acct_demo_joe"
    (intent,) = stripe_app.intents()
    assert body["payment"]["client_secret"] == intent["client_secret"]
    assert intent["application_fee_amount"] == 75
    payment = Payment.objects.get()
    assert (payment.status, payment.intent_id) == ("open", intent["id"])
    assert not Message.objects.exists()


def test_without_a_deposit_it_is_confirmed_at_once_and_both_are_told(api, sam, quote):
    body = api.book(quote, soon(sam)).json()
    assert (body["booking"]["status"], body["payment"]) == ("confirmed", None)
    assert set(Message.objects.values_list("audience", "channel")) == {
        ("customer", "email"),
        ("customer", "sms"),
        ("tradie", "email"),
    }


def test_where_the_tradie_approves_first_it_is_requested(api, sam):
    visit = make_service(sam, deposit_kind="none", requires_approval=True)
    body = api.book(visit, soon(sam)).json()
    assert (body["booking"]["status"], body["payment"]) == ("requested", None)


def test_a_taken_slot_answers_409_with_the_three_nearest_times(api, sam, quote):
    start = soon(sam, hour=10)
    assert api.book(quote, start).status_code == 201
    response = api.book(quote, start)
    body = response.json()
    assert (response.status_code, body["code"], body["statusCode"], body["success"]) == (
        409,
        "SLOT_UNAVAILABLE",
        409,
        False,
    )
    nearest = [start - timedelta(minutes=30), start + timedelta(minutes=30)]
    assert [slot["start"] for slot in body["alternatives"] if abs_minutes(slot, start) == 30] == [
        time.isoformat() for time in nearest
    ]
    assert len(body["alternatives"]) == 3


def abs_minutes(slot, start):
    from datetime import datetime

    return abs((datetime.fromisoformat(slot["start"]) - start).total_seconds()) / 60


def test_the_same_key_and_body_give_the_same_answer(api, sam, drain, stripe_app):
    key = uuid.uuid4()
    first, second = (api.book(drain, soon(sam), key=key).json() for _ in range(2))
    assert second == first
    assert Booking.objects.count() == len(stripe_app.intents()) == 1


def test_the_same_key_with_another_body_is_refused(api, sam, quote):
    key = uuid.uuid4()
    api.book(quote, soon(sam), key=key)
    response = api.book(quote, soon(sam, hour=11), key=key)
    assert (response.status_code, response.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")


def test_a_hold_moves_with_its_token_and_keeps_its_intent(api, sam, drain, stripe_app):
    first = api.book(drain, soon(sam)).json()
    later = soon(sam, hour=9, minute=30)  # overlaps the customer's own hold
    second = api.book(drain, later, hold=first["token"]).json()
    assert second["booking"]["id"] == first["booking"]["id"]
    assert second["booking"]["start"] == later.isoformat()
    assert second["payment"]["client_secret"] == first["payment"]["client_secret"]
    assert len(stripe_app.intents()) == 1


def test_a_hold_for_another_service_is_let_go(api, sam, drain, stripe_app):
    tap = make_service(sam, name="Leaking tap", deposit_fixed_cents=2_000, position=2)
    first = api.book(drain, soon(sam)).json()
    second = api.book(tap, soon(sam), hold=first["token"]).json()
    assert second["booking"]["id"] != first["booking"]["id"]
    assert dict(Booking.objects.values_list("service__name", "status")) == {
        "Blocked drain": Status.EXPIRED,
        "Leaking tap": Status.PENDING,
    }
    assert sorted(intent["status"] for intent in stripe_app.intents()) == [
        "canceled",
        "requires_payment_method",
    ]


def test_price_deposit_status_and_end_from_the_client_are_ignored(api, sam, drain, stripe_app):
    sent = {
        "price_cents": 1,
        "deposit_cents": 1,
        "status": "confirmed",
        "end": "2020-01-01",
        "duration_minutes": 1,
    }
    body = api.book(drain, soon(sam), **sent).json()
    assert body["booking"]["status"] == "pending"
    assert body["payment"]["amount_cents"] == 3_000
    assert body["booking"]["service"]["price_cents"] == 12_000


def test_a_fourth_unpaid_hold_is_refused(api, sam, drain, stripe_app):
    for hour in (8, 10, 12):
        assert api.book(drain, soon(sam, hour=hour)).status_code == 201
    response = api.book(drain, soon(sam, hour=14))
    assert (response.status_code, response.json()["code"]) == (429, "RATE_LIMITED")
    assert "Retry-After" in response.headers


def test_limits_can_be_switched_off_for_load_tests(api, sam, drain, stripe_app, settings):
    settings.RATE_LIMITS = False
    assert [api.book(drain, soon(sam, hour=hour)).status_code for hour in (8, 10, 12, 14)] == [201] * 4


def test_the_twenty_first_try_of_one_address_is_refused(api, sam, quote):
    answers = [api.post("/api/bookings", {}).status_code for _ in range(21)]
    assert answers == [400] * 20 + [429]


def test_if_stripe_is_away_the_hold_is_let_go_and_the_same_request_works_later(api, sam, drain, stripe_app):
    key, start = uuid.uuid4(), soon(sam)
    stripe_app.fault("POST /v1/payment_intents", status=500, times=0)
    response = api.book(drain, start, key=key)
    assert (response.status_code, response.json()["code"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    assert Booking.objects.get().status == Status.EXPIRED
    stripe_app.clear_faults()
    assert api.book(drain, start, key=key).status_code == 201
    assert Booking.objects.filter(status=Status.PENDING).count() == 1


def test_without_a_working_stripe_account_a_deposit_service_is_not_bookable(api, sam, drain, quote):
    sam.connected_account.can_charge = False
    sam.connected_account.save()
    response = api.book(drain, soon(sam))
    assert (response.status_code, response.json()["code"]) == (409, "TRADIE_NOT_BOOKABLE")
    assert api.book(quote, soon(sam)).status_code == 201


def test_another_tradies_service_is_unknown_here(api, sam, alex):
    foreign = make_service(alex)
    sent = {**booking_request(foreign, soon(sam)), "tradie": sam.slug}
    response = api.post("/api/bookings", sent)
    assert (response.status_code, list(response.json()["fields"])) == (400, ["service"])


def test_a_full_booking_costs_a_known_number_of_queries(api, sam, quote, django_assert_num_queries):
    with django_assert_num_queries(13):
        assert api.book(quote, soon(sam)).status_code == 201


def test_with_its_deposit_opened_a_booking_costs_eleven_statements(
    api, sam, drain, stripe_app, django_assert_num_queries
):
    """The limit's counter; service, tradie and account; BEGIN; calendars and customer locked; who it is and what they
    hold already; what is free; booking with its event; payment; the calendar's version; COMMIT; Stripe's answer."""
    with django_assert_num_queries(11):
        assert api.book(drain, soon(sam)).json()["payment"]["amount_cents"] == 3_000
