"""GET /api/bookings, GET and PATCH /api/bookings/:id for the people of a business: the customer's side of the same
addresses is in test_one_booking.py."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import Calendar
from bookings.models import Booking, BookingEvent, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, owner_of, soon
from notifications.models import Message
from payments.models import Payment, Refund
from peepopay.local_time import in_zone
from web.tests.api.tradie_client import TradieClient, refused

pytestmark = pytest.mark.django_db(transaction=True)


class People(TradieClient):
    def list(self, query: str = "") -> Any:
        return self.get(f"/api/bookings{query}")

    def change(self, booking: Booking, body: Any) -> Any:
        return self.patch(path(booking), body)


def path(booking: Booking) -> str:
    return f"/api/bookings/{booking.pk}"


@pytest.fixture
def sams(sam: Tradie) -> People:
    return People(owner_of(sam))


def test_one_is_told_whole_and_without_what_opens_its_customers_page(
    sams: People, quote: Service, settings: Any
) -> None:
    booking = make_booking(quote, soon(quote.tradie), tradie_notes="Rang twice", answers={"gate": "1234"})
    answer = sams.get(path(booking))
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
        "start": soon(quote.tradie).isoformat(),
        "end": (soon(quote.tradie) + timedelta(minutes=30)).isoformat(),
        "customer": {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"},
        "address": {"line1": "1 George Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"},
        "notes": "The dog is friendly.",
        "answers": {"gate": "1234"},
        "tradie_notes": "Rang twice",
        "deposit_cents": 0,
        "paid_cents": 0,
        "refunded_cents": 0,
        "authorised_cents": 0,
        "refund_if_cancelled_now_cents": 0,
        "cancel_reason": "",
        "created_at": in_zone(booking.created_at, "Australia/Sydney").isoformat(timespec="seconds"),
        "dashboard_url": f"{settings.SITE_URL}/dashboard/bookings/{booking.pk}",
    }
    for secret in (token_of(booking), booking.token_hash, "/manage/"):
        assert secret not in answer.content.decode() + sams.list().content.decode()


def test_the_list_has_what_was_booked_by_its_start(sams: People, quote: Service) -> None:
    later, earlier = (make_booking(quote, soon(quote.tradie, days=days)) for days in (5, 3))
    make_booking(quote, soon(quote.tradie, days=4), status=Status.PENDING)
    make_booking(quote, soon(quote.tradie, days=6), status=Status.EXPIRED)
    answer = sams.list().json()
    assert (answer["page"], answer["next_page"]) == (1, None)
    assert answer["bookings"] == [sams.get(path(booking)).json() for booking in (earlier, later)]


def test_it_is_asked_by_status_days_and_words(sams: People, quote: Service) -> None:
    """Days are those of the business's clock: the first second of one to the last."""
    tradie = quote.tradie
    early = make_booking(quote, soon(tradie, days=3, hour=0), customer_name="Max Power")
    late = make_booking(quote, soon(tradie, days=3, hour=23), status=Status.REQUESTED)
    after = make_booking(quote, soon(tradie, days=4, hour=0), status=Status.CANCELLED)
    day, next_day = (f"{soon(tradie, days=days):%Y-%m-%d}" for days in (3, 4))
    for query, wanted in {
        f"?from={day}&to={day}": [early, late],
        f"?from={next_day}": [after],
        f"?to={day}&q=": [early, late],
        "?status=requested": [late],
        "?status=cancelled&q=citizen": [after],
        "?q=max": [early],
        f"?q={late.reference}": [late],
        "?q=0412 345": [early, late, after],
        "?status=declined": [],
    }.items():
        assert [job["id"] for job in sams.list(query).json()["bookings"]] == [
            str(booking.pk) for booking in wanted
        ], query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=pending", "status"),
        ("status=nonsense", "status"),
        ("from=tomorrow", "from"),
        ("to=2027-02-30", "to"),
        ("from=0001-01-01", "from"),
        ("page=0", "page"),
        ("page=401", "page"),
        ("page=first", "page"),
        ("q=" + "x" * 81, "q"),
    ],
)
def test_what_it_cant_be_asked_is_a_400_that_names_the_field(sams: People, query: str, field: str) -> None:
    answer = sams.list(f"?{query}")
    assert refused(answer) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["fields"]) == [field]


def test_it_comes_in_pages_of_25_and_costs_the_same_however_many(
    sams: People, quote: Service, django_assert_num_queries: Any
) -> None:
    make_booking(quote, soon(quote.tradie, days=3))
    sams.list()  # what is read once by a process
    with django_assert_num_queries(4):  # user, businesses, bookings, their payments
        sams.list()
    for hour in range(27):
        make_booking(quote, soon(quote.tradie, days=4) + timedelta(hours=hour))
    with django_assert_num_queries(4):
        first = sams.list().json()
    second = sams.list("?page=2").json()
    assert (len(first["bookings"]), first["next_page"]) == (25, 2)
    assert (len(second["bookings"]), second["page"], second["next_page"]) == (3, 2, None)
    starts = [job["start"] for job in first["bookings"] + second["bookings"]]
    assert starts == sorted(starts)


def test_one_costs_four_queries(sams: People, quote: Service, django_assert_num_queries: Any) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    sams.get(path(booking))
    with django_assert_num_queries(4):  # user, businesses, the booking, its payments
        sams.get(path(booking))


def test_without_a_session_401_and_403_for_another_businesss_booking(
    sams: People, quote: Service, alex: Tradie
) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    nobody, elsewhere = People(None), People(owner_of(alex))
    assert refused(nobody.list()) == refused(nobody.get(path(booking))) == (401, "UNAUTHORIZED")
    assert refused(nobody.change(booking, {"status": "cancelled"})) == (401, "UNAUTHORIZED")
    assert elsewhere.list().json()["bookings"] == []
    theirs, none = elsewhere.get(path(booking)), sams.get(f"/api/bookings/{uuid.uuid4()}")
    assert (refused(theirs), refused(none)) == ((403, "FORBIDDEN"), (404, "NOT_FOUND"))
    assert theirs.json() == elsewhere.change(booking, {"status": "cancelled"}).json()
    assert "Sam" not in theirs.content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_a_change_needs_the_csrf_token(sams: People, quote: Service) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    answer = sams.client.patch(path(booking), {"notes": "x"}, content_type="application/json")
    assert refused(answer) == (403, "FORBIDDEN")


def test_a_worker_with_a_calendar_of_their_own_has_those_jobs_alone(
    quote: Service, lee: User, van: Calendar
) -> None:
    van.worker = lee.memberships.get().user
    van.save(update_fields=["worker"])
    others = make_booking(quote, soon(quote.tradie))
    own = make_booking(quote, soon(quote.tradie), calendar=van)
    lees = People(lee)
    assert [job["id"] for job in lees.list().json()["bookings"]] == [str(own.pk)]
    assert lees.get(path(own)).json()["calendar"] == {"id": str(van.pk), "name": "Van 2"}
    assert refused(lees.get(path(others))) == (403, "FORBIDDEN")
    assert refused(lees.change(others, {"notes": "x"})) == (403, "FORBIDDEN")


@pytest.mark.parametrize("status", ["confirmed", "declined"])
def test_a_request_is_answered_once_and_saying_it_again_is_fine(
    status: str, sams: People, quote: Service
) -> None:
    booking = make_booking(quote, soon(quote.tradie), status=Status.REQUESTED, confirmed_at=None)
    for _ in range(2):
        answer = sams.change(booking, {"status": status, "reason": "No van that day"})
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    event = BookingEvent.objects.get(booking=booking, kind=status)
    assert event.user == owner_of(quote.tradie)
    assert Message.objects.filter(about=booking.pk).exists()
    other = "declined" if status == "confirmed" else "confirmed"
    assert refused(sams.change(booking, {"status": other})) == (409, "BOOKING_NOT_CHANGEABLE")


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_a_job_is_over_once_it_began(status: str, sams: People, quote: Service) -> None:
    ahead = make_booking(quote, timezone.now() + timedelta(hours=2))
    begun = make_booking(quote, timezone.now() - timedelta(hours=2))
    assert refused(sams.change(ahead, {"status": status})) == (409, "BOOKING_NOT_CHANGEABLE")
    assert sams.change(begun, {"status": status}).json()["status"] == status
    assert refused(sams.change(begun, {"status": "cancelled"})) == (409, "BOOKING_NOT_CHANGEABLE")


def test_when_the_business_cancels_all_that_was_paid_goes_back(
    api: Any, sams: People, drain: Service, stripe_app: Any
) -> None:
    made = api.book(drain, soon(drain.tradie)).json()
    stripe_app.pay(made["payment"]["client_secret"])
    booking = Booking.objects.get()
    assert refused(sams.change(booking, {"status": "cancelled"})) == (409, "BOOKING_NOT_CHANGEABLE")  # a hold
    api.patch(path(booking), {"status": "confirmed"}, made["token"])
    Booking.objects.update(**booking.terms.times(timezone.now() + timedelta(hours=1)))
    assert sams.get(path(booking)).json()["refund_if_cancelled_now_cents"] == 3_000
    for _ in range(2):
        answer = sams.change(booking, {"status": "cancelled", "reason": "The van broke down"}).json()
        assert (answer["status"], answer["cancel_reason"]) == ("cancelled", "The van broke down")
        assert (answer["paid_cents"], answer["refunded_cents"]) == (3_000, 0)
    assert Refund.objects.get().amount_cents == Payment.objects.get().reserved_cents == 3_000


def test_it_moves_and_not_onto_another(sams: People, quote: Service) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    taken = make_booking(quote, soon(quote.tradie, hour=13))
    later = soon(quote.tradie, days=4, hour=11).isoformat()
    assert sams.change(booking, {"start": later}).json()["start"] == later
    answer = sams.change(booking, {"start": taken.starts_at.isoformat()})
    assert refused(answer) == (409, "SLOT_UNAVAILABLE")
    assert len(answer.json()["alternatives"]) == 3


def test_a_worker_moves_nothing_and_is_told_whom_to_ask(quote: Service, kim: User, lee: User) -> None:
    booking, later = make_booking(quote, soon(quote.tradie)), soon(quote.tradie, days=4, hour=11).isoformat()
    answer = People(lee).change(booking, {"start": later})
    assert refused(answer) == (403, "FORBIDDEN")
    assert answer.json()["message"].startswith("In Sam's Plumbing, only an owner or the office may approve")
    assert People(kim).change(booking, {"start": later}).status_code == 200


def test_notes_are_the_businesss_own(sams: People, quote: Service) -> None:
    booking = make_booking(quote, soon(quote.tradie), status=Status.CANCELLED)
    answer = sams.change(booking, {"notes": "Ring first"}).json()
    assert (answer["tradie_notes"], answer["notes"]) == ("Ring first", "The dog is friendly.")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"status": "pending"},
        {"status": "completed", "notes": "x"},
        {"start": "tomorrow"},
        {"notes": "x" * 4001},
        {"notes": None},
        {"reason": "Because"},
    ],
)
def test_a_change_that_makes_no_sense_is_a_400(sams: People, quote: Service, body: Any) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    assert refused(sams.change(booking, body)) == (400, "VALIDATION_FAILED")
