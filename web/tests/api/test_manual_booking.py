"""POST /api/bookings/manual, and the rule that it shares with the page "New booking"."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie, User
from availability.models import Calendar, DateException
from bookings.actors import By
from bookings.models import Actor, Booking, BookingEvent, EventKind, Status
from bookings.tokens import token_of
from invoicing.models import Receipt
from ledger.chart import Account
from ledger.models import Entry
from ledger.posting import keep_books
from local.testing.cast import make_booking, make_service, owner_of, soon
from notifications.models import Message
from payments.cancellations import cancel_booking
from payments.expiry import expire_holds
from payments.models import Payment
from web.tests.api.tradie_client import TradieClient, refused
from web.tests.test_every_url import invoiced

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/bookings/manual"
CALLER = {"name": "Jo Citizen", "phone": "0412 345 678", "email": "Jo@Example.com"}
ADDRESS = {"line1": "1 George Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"}


@pytest.fixture
def sams(sam: Tradie) -> TradieClient:
    return TradieClient(owner_of(sam))


def body(of: Service, **changes: Any) -> dict[str, Any]:
    start = soon(of.tradie).isoformat()
    asked = {"service": str(of.pk), "start": start, "customer": CALLER, "address": ADDRESS}
    return {**asked, "deposit": "waive", **changes}


def told(audience: str = "customer") -> list[tuple[str, str]]:
    rows = Message.objects.filter(audience=audience).order_by("kind", "channel")
    return list(rows.values_list("kind", "channel"))


def kinds(booking: Booking) -> list[str]:
    return list(booking.events.order_by("id").values_list("kind", flat=True))


def test_without_a_deposit_it_is_booked_at_once_and_the_customer_is_told(
    sams: TradieClient, drain: Service
) -> None:
    answer = sams.post(PATH, body(drain))
    assert answer.status_code == 201
    job = answer.json()
    assert (job["status"], job["deposit_cents"]) == ("confirmed", 0)
    assert job["customer"] == {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"}
    assert sams.get(f"/api/bookings/{job['id']}").json() == job
    booking = Booking.objects.get()
    assert kinds(booking) == ["confirmed", "overridden"]
    event = BookingEvent.objects.latest("id")
    assert (event.detail, event.user) == ("without the deposit of $30", owner_of(drain.tradie))
    assert told() == [("booking_confirmed", "email"), ("booking_confirmed", "sms")]
    assert told("tradie") == []  # it was they who typed it


def test_nobody_has_to_approve_what_the_business_books_itself(sams: TradieClient, sam: Tradie) -> None:
    """Nor is a yes asked for once the deposit is paid by its link."""
    bathroom = make_service(sam, requires_approval=True)
    assert sams.post(PATH, body(bathroom)).json()["status"] == "confirmed"
    link = sams.post(PATH, body(bathroom, deposit="link", start=soon(sam, hour=13).isoformat())).json()
    assert (link["status"], Booking.objects.get(pk=link["id"]).requires_approval) == ("pending", False)


def test_a_link_keeps_the_time_until_it_begins_at_the_latest(sams: TradieClient, drain: Service) -> None:
    start = (timezone.now() + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    asked = body(drain, deposit="link", start=start.isoformat(), override_reason="Their tap is running")
    assert sams.post(PATH, asked).status_code == 201
    assert Booking.objects.get().held_until == start


def test_of_a_crew_the_others_hear_of_it(sams: TradieClient, drain: Service, van: Calendar) -> None:
    job = sams.post(PATH, body(drain, calendar=str(van.pk))).json()
    assert job["calendar"]["name"] == "Van 2"
    assert told("tradie") == [("booking_confirmed_tradie", "email")]


def test_nobody_is_told_where_that_is_wanted(sams: TradieClient, drain: Service) -> None:
    sams.post(PATH, body(drain, tell_customer=False, deposit="cash", cash_cents=3_000))
    assert told() == []


def test_cash_is_a_receipt_in_the_books_and_counts_towards_the_invoice(
    sams: TradieClient, drain: Service
) -> None:
    sams.post(PATH, body(drain, deposit="cash", cash_cents=4_000))
    booking, receipt = Booking.objects.get(), Receipt.objects.get()
    assert (receipt.how, receipt.amount_cents, receipt.recorded_by) == ("cash", 4_000, owner_of(drain.tradie))
    assert (booking.status, booking.deposit_cents) == (Status.CONFIRMED, 0)
    keep_books(booking.pk)
    assert Entry.objects.get(account=Account.BANK).cents == 4_000
    invoiced(booking, timezone.now())
    invoice = booking.invoices.get()
    assert invoice.paid_before_cents == 4_000
    assert booking.bill.elsewhere_cents == 5_000  # and ten dollars more, paid since


def test_whoever_paid_in_cash_is_not_told_that_nothing_was_paid(
    client: Client, sams: TradieClient, drain: Service
) -> None:
    sams.post(PATH, body(drain, deposit="cash", cash_cents=4_000))
    booking = Booking.objects.get()
    page = f"/manage/{token_of(booking)}"
    asked = client.get(f"{page}/cancel").content.decode()
    cancel_booking(booking, by=By(Actor.TRADIE), now=timezone.now())
    for said in (asked, client.get(page).content.decode()):
        assert "Nothing was paid by card, so there is nothing to send back" in said
        assert "You paid $40 in another way. Please ask <bdi>Sam&#x27;s Plumbing</bdi> about that." in said


def test_a_link_keeps_the_time_until_it_is_paid(
    api: Any, sams: TradieClient, drain: Service, stripe_app: Any
) -> None:
    job = sams.post(PATH, body(drain, deposit="link")).json()
    assert (job["status"], job["deposit_cents"], job["paid_cents"]) == ("pending", 3_000, 0)
    assert told() == [("deposit_asked", "email"), ("deposit_asked", "sms")]
    assert sams.get("/api/bookings").json()["bookings"] == [job]
    assert sams.get("/api/bookings?status=pending").status_code == 400  # not a word of the list's
    assert not Payment.objects.exists()  # Stripe hears of it once the customer opens the link
    booking = Booking.objects.get()
    day = timezone.now() + timedelta(days=1)
    assert booking.held_until
    assert abs(booking.held_until - day) < timedelta(minutes=1)
    offer = api.post("/api/payments/intent", {"booking": job["id"]}, token_of(booking)).json()
    stripe_app.pay(offer["client_secret"])
    paid = api.patch(f"/api/bookings/{job['id']}", {"status": "confirmed"}, token_of(booking))
    assert paid.json()["status"] == "confirmed"
    assert ("booking_confirmed", "email") in told()
    assert ("booking_confirmed_tradie", "email") in told("tradie")


def test_not_paid_in_time_it_is_free_again_and_the_business_is_told(
    sams: TradieClient, drain: Service
) -> None:
    sams.post(PATH, body(drain, deposit="link"))
    Booking.objects.update(held_until=timezone.now() - timedelta(minutes=5))
    assert expire_holds(now=timezone.now()) == 1
    assert Booking.objects.get().status == Status.EXPIRED
    assert told("tradie") == [("deposit_lapsed_tradie", "email")]
    assert sams.get("/api/bookings").json()["bookings"] == []
    assert sams.post(PATH, body(drain)).status_code == 201


def test_a_clash_stays_impossible_whatever_is_said(sams: TradieClient, drain: Service) -> None:
    taken = make_booking(drain, soon(drain.tradie))
    answer = sams.post(PATH, body(drain, override_reason="Squeeze it in"))
    assert refused(answer) == (409, "SLOT_UNAVAILABLE")
    assert len(answer.json()["alternatives"]) == 3
    half_an_hour_in = (taken.starts_at + timedelta(minutes=30)).isoformat()
    assert refused(sams.post(PATH, body(drain, start=half_an_hour_in))) == (409, "SLOT_UNAVAILABLE")
    assert Booking.objects.count() == 1


def test_of_two_vans_the_free_one_comes(sams: TradieClient, drain: Service, van: Calendar) -> None:
    make_booking(drain, soon(drain.tradie), calendar=drain.tradie.calendars.exclude(pk=van.pk).get())
    assert sams.post(PATH, body(drain)).json()["calendar"]["name"] == "Van 2"


def at(tradie: Tradie, case: str) -> str:
    if case == "notice":  # in half an hour, whatever the hour is
        tradie.calendars.get().working_hours.update(opens_minute=0, closes_minute=1440)
        return (timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=30)).isoformat()
    if case == "day full":
        tradie.calendars.update(max_bookings_per_day=1)
        make_booking(tradie.services.get(), soon(tradie, hour=12))
    if case == "day off":
        DateException.objects.create(calendar=tradie.calendars.get(), date=soon(tradie).date())
    days, hour = (70, 9) if case == "horizon" else (3, 20) if case == "hours" else (3, 9)
    return soon(tradie, days=days, hour=hour).isoformat()


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("hours", "outside the working hours"),
        ("notice", "shorter notice than usual"),
        ("horizon", "further ahead than usual"),
        ("day off", "on a day off"),
        ("day full", "more jobs than usual that day"),
    ],
)
def test_against_its_own_rules_it_is_asked_why_and_that_is_kept(
    case: str, what: str, sams: TradieClient, drain: Service
) -> None:
    asked = body(drain, start=at(drain.tradie, case))
    answer = sams.post(PATH, asked)
    assert refused(answer) == (400, "VALIDATION_FAILED")
    (said,) = answer.json()["fields"]["override_reason"]
    assert what in said
    before = Booking.objects.count()
    made = sams.post(PATH, {**asked, "override_reason": "An old friend"})
    assert made.status_code == 201, made.json()
    booking = Booking.objects.get(pk=made.json()["id"])
    details = booking.events.filter(kind=EventKind.OVERRIDDEN).values_list("detail", flat=True)
    assert f"{what}: An old friend" in details
    entry = AuditEntry.objects.get(kind="rules_overridden")
    assert (entry.about, entry.detail) == (booking.reference, what)  # nothing that was typed about anybody
    assert Booking.objects.count() == before + 1


def test_a_start_that_customers_are_not_offered_needs_no_reason(sams: TradieClient, drain: Service) -> None:
    answer = sams.post(PATH, body(drain, start=soon(drain.tradie, minute=10).isoformat()))
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "2026-01-01T09:00:00+11:00"}, "start"),
        ({"start": "2199-01-01T09:00:00+11:00"}, "start"),
        ({"service": str(uuid.UUID(int=0))}, "service"),
        ({"calendar": str(uuid.UUID(int=0))}, "calendar"),
        ({"deposit": "later"}, "deposit"),
        ({"deposit": "cash"}, "cash_cents"),
        ({"deposit": "cash", "cash_cents": 12_001}, "cash_cents"),
        ({"deposit": "link", "tell_customer": False}, "deposit"),
        ({"deposit": "link", "customer": {"name": "Jo", "phone": "02 9550 1234"}}, "deposit"),
        ({"customer": {"name": "Jo"}}, "customer.phone"),
        ({"override_reason": "x" * 301}, "override_reason"),
    ],
)
def test_what_makes_no_sense_names_the_field(
    changes: dict[str, Any], field: str, sams: TradieClient, drain: Service
) -> None:
    answer = sams.post(PATH, body(drain, **changes))
    assert refused(answer) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["fields"]) == [field]
    assert not Booking.objects.exists()


def test_a_link_needs_a_deposit_and_an_account_that_takes_cards(
    sams: TradieClient, drain: Service, quote: Service
) -> None:
    no_deposit = sams.post(PATH, body(quote, deposit="link"))
    assert list(no_deposit.json()["fields"]) == ["deposit"]
    account = drain.tradie.connected_account
    account.can_charge = False
    account.save()
    assert refused(sams.post(PATH, body(drain, deposit="link"))) == (409, "TRADIE_NOT_BOOKABLE")
    assert sams.post(PATH, body(drain, deposit="waive")).status_code == 201


def test_sent_twice_it_is_one(sams: TradieClient, drain: Service) -> None:
    key, asked = str(uuid.uuid4()), body(drain, deposit="cash", cash_cents=3_000)
    first, again = (sams.post(PATH, asked, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    other = sams.post(PATH, {**asked, "notes": "Bring a ladder"}, Idempotency_Key=key)
    assert refused(other) == (409, "IDEMPOTENCY_CONFLICT")
    assert (Booking.objects.count(), Receipt.objects.count()) == (1, 1)


def test_who_may_not(drain: Service, lee: User, kim: User, alex: Tradie) -> None:
    assert refused(TradieClient(None).post(PATH, body(drain))) == (401, "UNAUTHORIZED")
    assert refused(TradieClient(lee).post(PATH, body(drain))) == (403, "FORBIDDEN")
    theirs = TradieClient(owner_of(alex)).post(PATH, body(drain))
    assert list(theirs.json()["fields"]) == ["service"]
    assert TradieClient(kim).post(PATH, body(drain)).status_code == 201


def test_who_rang_is_asked_for_no_card(sams: TradieClient, sam: Tradie) -> None:
    service = make_service(sam, deposit_kind="none", no_show_fee_cents=5_000, no_show_card_required=True)
    answer = sams.post(PATH, body(service))
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")
