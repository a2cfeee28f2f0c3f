"""GET and PATCH /api/bookings/:id with the booking's token."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookings.calendar_links import google_link, outlook_link
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service, soon
from notifications.models import Message
from payments.models import Payment, Refund
from peepopay.local_time import in_zone, moment

pytestmark = pytest.mark.django_db(transaction=True)


def path(booking) -> str:
    return f"/api/bookings/{booking.pk}"


@pytest.fixture
def paid(api, sam, drain, stripe_app) -> Booking:
    """Jo's booking in three days: confirmed, $30 paid; free to cancel until a day before, then $10 is kept."""
    drain.late_fee_cents = 1_000
    drain.save()
    body = api.book(drain, soon(sam)).json()
    stripe_app.pay(body["payment"]["client_secret"])
    api.patch(f"/api/bookings/{body['booking']['id']}", {"status": "confirmed"}, body["token"])
    return Booking.objects.select_related("tradie").get()


def test_the_token_opens_its_booking(api, sam, quote, settings):
    booking = make_booking(quote, soon(sam))
    a_day_before = in_zone(booking.starts_at - timedelta(hours=24), "Australia/Sydney")
    answer = api.get(path(booking), token_of(booking))
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(booking.pk),
        "reference": booking.reference,
        "status": "confirmed",
        "service": {
            "id": str(quote.pk),
            "name": "Free quote",
            "duration_minutes": 30,
            "arrival_window_minutes": 0,
            "price_cents": 0,
            "price_from": False,
        },
        "tradie": {
            "slug": "sam-plumber",
            "business_name": "Sam's Plumbing",
            "phone": "(02) 9550 1234",
            "timezone": "Australia/Sydney",
        },
        "start": soon(sam).isoformat(),
        "end": (soon(sam) + timedelta(minutes=30)).isoformat(),
        "customer": {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"},
        "address": {"line1": "1 George Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"},
        "notes": "The dog is friendly.",
        "deposit_cents": 0,
        "paid_cents": 0,
        "refunded_cents": 0,
        "authorised_cents": 0,
        "refund_if_cancelled_now_cents": 0,
        "if_cancelled_now": {
            "refund_cents": 0,
            "kept_cents": 0,
            "reason": "nothing_paid",
            "sentence": "Nothing was paid by card, so there is nothing to send back.",
        },
        "policy_statement": [
            f"No deposit. Please cancel before {moment(a_day_before, 'Australia/Sydney')} if plans change."
        ],
        "changeable_until": a_day_before.isoformat(),
        "ics_url": f"{settings.SITE_URL}/manage/{token_of(booking)}/booking.ics",
        "google_calendar_url": google_link(booking),
        "outlook_calendar_url": outlook_link(booking),
        "manage_url": f"{settings.SITE_URL}/manage/{token_of(booking)}",
    }


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "☃"])
def test_without_the_right_token_401(api, sam, quote, token):
    booking = make_booking(quote, soon(sam))
    headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")} if token else {}
    answer = api.client.get(path(booking), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


def test_a_token_that_opens_another_booking_403(api, sam, quote):
    mine, other = make_booking(quote, soon(sam)), make_booking(quote, soon(sam, hour=11))
    answer = api.get(path(other), token_of(mine))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_reading_a_booking_costs_two_queries(api, sam, quote, django_assert_num_queries):
    booking = make_booking(quote, soon(sam))
    with django_assert_num_queries(2):  # the limit's counter, the booking; no money
        api.get(path(booking), token_of(booking))


def test_confirming_what_was_paid_costs_fourteen_statements(
    api, sam, drain, stripe_app, django_assert_num_queries
):
    """The limit's counter; the booking by its token; its payment; BEGIN; all of them locked; payment, its event
    with what is to be entered in the books; booking, its event; the receipt; who of the business hears of it;
    what all may get; three messages with the relay's call; COMMIT.
    """
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    address = f"/api/bookings/{held['booking']['id']}"
    with django_assert_num_queries(14):
        answer = api.patch(address, {"status": "confirmed"}, held["token"]).json()
    assert (answer["status"], answer["paid_cents"]) == ("confirmed", 3_000)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "completed"},
        {"status": "confirmed", "start": "2030-01-01T08:00:00+11:00"},
        {"start": "tomorrow"},
        {"start": "2030-01-01T08:00:00"},
        [],
        {"start": "9999-12-31T23:59:59+00:00"},
    ],
)
def test_a_change_that_makes_no_sense_400(api, sam, quote, body):
    booking = make_booking(quote, soon(sam))
    answer = api.patch(path(booking), body, token_of(booking))
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


def test_cancelled_early_everything_comes_back(api, sam, drain, paid):
    assert api.get(path(paid), token_of(paid)).json()["refund_if_cancelled_now_cents"] == 3_000
    answer = api.patch(path(paid), {"status": "cancelled", "reason": "Fixed it myself"}, token_of(paid))
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert Refund.objects.get().amount_cents == Payment.objects.get().reserved_cents == 3_000
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert {"booking_cancelled", "booking_cancelled_tradie"} <= kinds
    assert api.book(drain, soon(sam)).status_code == 201  # the time is free in that very moment


def test_cancelled_late_the_fee_is_kept(api, paid):
    Booking.objects.update(**paid.terms.times(timezone.now() + timedelta(hours=5)))
    shown = api.get(path(paid), token_of(paid)).json()
    assert shown["refund_if_cancelled_now_cents"] == shown["if_cancelled_now"]["refund_cents"] == 2_000
    assert (shown["if_cancelled_now"]["reason"], shown["if_cancelled_now"]["kept_cents"]) == (
        "late_fee",
        1_000,
    )
    api.patch(path(paid), {"status": "cancelled"}, token_of(paid))
    assert Refund.objects.get().amount_cents == 2_000
    assert shown["if_cancelled_now"]["sentence"] in {
        message.facts["outcome"] for message in Message.objects.filter(kind__startswith="booking_cancelled")
    }


def test_cancelling_twice_refunds_once(api, paid):
    for _ in range(2):
        answer = api.patch(path(paid), {"status": "cancelled"}, token_of(paid))
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert Refund.objects.count() == 1


def test_cancelling_an_unpaid_hold_lets_it_go(api, sam, drain, stripe_app):
    body = api.book(drain, soon(sam)).json()
    answer = api.patch(f"/api/bookings/{body['booking']['id']}", {"status": "cancelled"}, body["token"])
    assert answer.json()["status"] == "expired"
    assert [intent["status"] for intent in stripe_app.intents()] == ["canceled"]


def test_a_moved_booking_is_the_same_booking(api, sam, paid):
    later = soon(sam, days=4, hour=11)
    answer = api.patch(path(paid), {"start": later.isoformat()}, token_of(paid)).json()
    assert (answer["id"], answer["start"], answer["paid_cents"]) == (str(paid.pk), later.isoformat(), 3_000)
    paid.refresh_from_db()
    assert paid.sequence == 1
    assert Payment.objects.count() == 1


def test_a_booking_cannot_move_onto_another(api, sam, quote):
    make_booking(quote, soon(sam))
    mine = make_booking(quote, soon(sam, hour=11))
    answer = api.patch(path(mine), {"start": soon(sam).isoformat()}, token_of(mine))
    assert (answer.status_code, answer.json()["code"]) == (409, "SLOT_UNAVAILABLE")
    assert len(answer.json()["alternatives"]) == 3


def test_too_late_to_move_online(api, sam, quote):
    mine = make_booking(quote, timezone.now() + timedelta(hours=3))
    answer = api.patch(path(mine), {"start": soon(sam).isoformat()}, token_of(mine))
    assert (answer.status_code, answer.json()["code"]) == (409, "BOOKING_NOT_CHANGEABLE")


def test_a_move_keeps_the_length_that_was_booked(api, sam):
    job = make_service(sam, deposit_kind="none", duration_minutes=60)
    mine = make_booking(job, soon(sam))
    job.duration_minutes = 120
    job.save()
    answer = api.patch(path(mine), {"start": soon(sam, hour=11).isoformat()}, token_of(mine)).json()
    length = datetime.fromisoformat(answer["end"]) - datetime.fromisoformat(answer["start"])
    assert length == timedelta(minutes=60)


def test_a_done_job_cannot_be_cancelled(api, sam, quote):
    mine = make_booking(quote, soon(sam), status=Status.COMPLETED)
    answer = api.patch(path(mine), {"status": "cancelled"}, token_of(mine))
    assert (answer.status_code, answer.json()["code"]) == (409, "BOOKING_NOT_CHANGEABLE")


def test_an_id_in_capitals_is_the_same_id(api, sam, quote):
    booking = make_booking(quote, soon(sam))
    answer = api.get(path(booking).replace(str(booking.pk), str(booking.pk).upper()), token_of(booking))
    assert (answer.status_code, answer.json()["id"]) == (200, str(booking.pk))


def test_no_browser_or_proxy_keeps_what_is_told_of_a_booking(api, sam, quote):
    made = api.book(quote, soon(sam))
    address, token = f"/api/bookings/{made.json()['booking']['id']}", made.json()["token"]
    read, changed = api.get(address, token), api.patch(address, {"status": "confirmed"}, token)
    assert [answer.status_code for answer in (made, read, changed)] == [201, 200, 200]
    assert {answer["Cache-Control"] for answer in (made, read, changed)} == {"no-store"}


def test_whoever_is_not_let_in_is_told_how(api, sam, quote):
    answer = api.get(path(make_booking(quote, soon(sam))), "nonsense")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_an_unknown_booking_is_like_a_wrong_token(api, sam, quote):
    assert api.get(f"/api/bookings/{uuid.uuid4()}", "nonsense").status_code == 401


def test_no_token_is_in_the_database(sam, quote):
    booking = make_booking(quote, soon(sam))
    assert token_of(booking) not in str(Booking.objects.values().get())


def test_tokens_survive_a_change_of_the_secret_key(settings, sam, quote):
    booking = make_booking(quote, soon(sam))
    token = token_of(booking)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key altogether"
    assert token_of(booking) == token
