"""The customers of a business: who booked, by phone or e-mail, and what can be done about them."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie
from availability.calendars import lock_calendars
from bookings.call_back_models import CallBack
from bookings.customers import assign_missing, erase_customer, merge
from bookings.models import Booking, Customer, CustomerContact, Status, Waiter
from invoicing import quotes
from local.testing.cast import JO, Api, booking_request, make_booking, make_service, owner_of, soon
from local.testing.elsewhere import Elsewhere
from local.testing.quoting import sent_quote
from notifications.models import Message
from payments.models import Payment, PaymentStatus
from peepopay.errors import BookingNotChangeable
from web.tests.api.test_manual_booking import PATH, body
from web.tests.api.tradie_client import TradieClient
from web.tests.page_forms import Browser

from .test_today_page import pay

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/dashboard/customers"
MAX = {"name": "Max Power", "email": "max@example.com", "phone": "0499 111 222"}


@pytest.fixture
def office(sam: Tradie) -> Client:
    client = Browser()
    client.force_login(owner_of(sam))
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def past(service: Service, **fields: Any) -> Booking:
    """A job of last month, and whose it is."""
    booking = make_booking(service, timezone.now() - timedelta(days=30 + Booking.objects.count()), **fields)
    assign_missing(now=timezone.now())
    booking.refresh_from_db()
    return booking


def page_of(customer: Customer) -> str:
    return f"{LIST}/{customer.pk}"


def test_who_books_again_by_phone_or_by_email_is_one_customer(
    api: Api, quote: Service, settings: Any
) -> None:
    settings.RATE_LIMITS = False
    for hour, customer in (
        (8, MAX),
        (10, {**MAX, "email": "max@work.example"}),
        (12, {**MAX, "phone": "0499 333 444"}),
        (14, {**MAX, "phone": "0499 555 666", "email": "other@example.com"}),
    ):
        assert api.book(quote, soon(quote.tradie, hour=hour), customer=customer).status_code == 201
    of = list(Booking.objects.order_by("starts_at").values_list("customer", flat=True))
    assert of[0] == of[1] == of[2] != of[3]
    known = Customer.objects.get(pk=of[0])
    assert sorted(contact.value for contact in known.contacts.all()) == [
        "+61499111222",
        "+61499333444",
        "max@example.com",
        "max@work.example",
    ]


def test_the_same_person_is_another_customer_of_another_business(
    api: Api, quote: Service, alex: Tradie
) -> None:
    theirs = make_service(alex, deposit_kind="none")
    for service in (quote, theirs):
        assert api.book(service, soon(service.tradie)).status_code == 201
    assert Customer.objects.count() == 2


def test_the_list_shows_who_booked_and_costs_the_same_however_many(
    office: Client, quote: Service, django_assert_num_queries: Any
) -> None:
    assert "Everybody who books shows up here" in text_of(office.get(LIST))
    for number in range(3):
        past(quote, customer_phone=f"+6149911100{number}", customer_email=f"max{number}@example.com")
    past(
        quote,
        customer_phone="+61499999999",
        status=Status.EXPIRED,
        customer_name="Never Paid",
        customer_email="n@example.com",
    )
    office.get(LIST)
    with django_assert_num_queries(5):  # user, businesses; customers, their contacts, their bookings
        page = office.get(LIST)
    assert text_of(page).count("1 booking") == 3
    assert "Never Paid" not in text_of(page)
    many = [
        Customer(tradie=quote.tradie, name=f"Max {number}", created_at=timezone.now(), seen_at=timezone.now())
        for number in range(300)
    ]
    Customer.objects.bulk_create(many)
    CustomerContact.objects.bulk_create(
        CustomerContact(tradie=quote.tradie, customer=one, value=f"{one.pk}@example.com") for one in many
    )
    booking = Booking.objects.earliest("starts_at")
    for number, one in enumerate(many):
        make_booking(quote, booking.starts_at - timedelta(days=number + 1), customer=one)
    with django_assert_num_queries(5):
        page = office.get(LIST)
    assert len(page.context["rows"]) == 25


@pytest.mark.parametrize("words", ["max", "0499 111", "+61 499 111 222", "MAX@example", "max@example.com"])
def test_it_is_searched_as_people_write_it(words: str, office: Client, quote: Service) -> None:
    past(quote)
    past(quote, customer_name="Max Power", customer_phone="+61499111222", customer_email="max@example.com")
    found = office.get(LIST, {"q": words}).context["rows"]
    assert [customer.name for customer, _ in found] == ["Max Power"]


def test_one_shows_history_and_totals(office: Client, drain: Service) -> None:
    done = past(drain, status=Status.COMPLETED)
    past(drain, status=Status.NO_SHOW, no_show_at=timezone.now())
    past(drain, status=Status.CANCELLED)
    pay(done)
    Payment.objects.update(status=PaymentStatus.SUCCEEDED, refunded_cents=500)
    assert done.customer
    page = office.get(page_of(done.customer))
    assert page.context["figures"][:4] == (3, 1, 1, 1)
    assert page.context["money"].total_cents == Payment.objects.get().amount_cents - 500
    assert done.reference not in text_of(page)  # it is behind the link
    assert f"/dashboard/bookings/{done.pk}" in page.content.decode()
    assert page_of(done.customer) in office.get(f"/dashboard/bookings/{done.pk}").content.decode()


def test_notes_are_kept(office: Client, quote: Service) -> None:
    customer = past(quote).customer
    assert customer
    office.post(f"{page_of(customer)}/notes", {"notes": "Dog bites"})
    assert "Dog bites" in text_of(office.get(page_of(customer)))
    assert office.post(f"{page_of(customer)}/notes", {"notes": "x" * 4001}).status_code == 400


def test_who_is_blocked_is_asked_to_call_and_can_still_be_booked_for(
    office: Client, api: Api, quote: Service
) -> None:
    customer = past(quote).customer
    assert customer
    office.post(f"{page_of(customer)}/block", {"blocked": "1"})
    refused = api.book(quote, soon(quote.tradie))
    assert (refused.status_code, refused.json()["code"]) == (429, "CALL_INSTEAD")
    assert refused.json()["message"] == "Please call Sam's Plumbing on (02) 9550 1234 to book."
    by_email = {**booking_request(quote, soon(quote.tradie))["customer"], "phone": "0499 111 222"}
    assert api.book(quote, soon(quote.tradie), customer=by_email).status_code == 429
    assert TradieClient(owner_of(quote.tradie)).post(PATH, body(quote)).status_code == 201
    office.post(f"{page_of(customer)}/block", {"blocked": "0"})
    assert api.book(quote, soon(quote.tradie, hour=13)).status_code == 201
    kinds = list(AuditEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["customer_blocked", "customer_unblocked"]


def test_two_that_are_one_are_merged(office: Client, api: Api, quote: Service) -> None:
    kept = past(quote, customer_name="Max").customer
    gone = past(
        quote, customer_name="Maxine", customer_phone="+61499111222", customer_email="max@example.com"
    ).customer
    assert kept
    assert gone
    Customer.objects.filter(pk=kept.pk).update(notes="One")
    Customer.objects.filter(pk=gone.pk).update(notes="Two", blocked_at=timezone.now())
    assert f"{page_of(kept)}/with/{gone.pk}" in office.get(page_of(kept), {"q": "maxine"}).content.decode()
    shown = text_of(office.get(f"{page_of(kept)}/with/{gone.pk}"))
    assert "They’re the same person" in shown
    office.post(f"{page_of(kept)}/with/{gone.pk}")
    one = Customer.objects.get()
    assert (one.pk, one.notes, one.bookings.count(), one.contacts.count()) == (kept.pk, "One\nTwo", 2, 4)
    assert one.blocked_at
    assert office.post(f"{page_of(kept)}/with/{kept.pk}").status_code == 302
    assert Customer.objects.count() == 1


def test_whoever_books_while_two_are_merged_is_the_one_that_stays(
    quote: Service, elsewhere: Elsewhere
) -> None:
    kept, gone = (
        past(quote).customer,
        past(quote, customer_phone="+61499111222", customer_email=MAX["email"]).customer,
    )
    with transaction.atomic():
        lock_calendars(quote.tradie_id)
        merging = elsewhere(lambda: merge(kept, gone))
        booked = make_booking(quote, soon(quote.tradie), customer=gone)
    merging.result()
    booked.refresh_from_db()
    assert booked.customer == kept


def test_nobody_is_erased_whom_a_job_is_being_booked_for(quote: Service, elsewhere: Elsewhere) -> None:
    customer = past(quote).customer
    with transaction.atomic():
        lock_calendars(quote.tradie_id)
        erasing = elsewhere(lambda: erase_customer(customer, now=timezone.now()))
        make_booking(quote, soon(quote.tradie), customer=customer)
    with pytest.raises(BookingNotChangeable):
        erasing.result()


def test_all_that_there_is_on_one_is_handed_over(office: Client, drain: Service) -> None:
    booking = past(drain, customer_name="=HYPERLINK(1)", status=Status.COMPLETED, tradie_notes="Paid late")
    pay(booking)
    assert booking.customer
    told = office.get(f"{page_of(booking.customer)}/all.json").json()
    assert told["contacts"] == ["+61412345678", "jo@example.com"]
    (job,) = told["bookings"]
    assert (job["reference"], job["our_notes"]) == (booking.reference, "Paid late")
    assert [line["what"] for line in job["history"]] == ["Time held"]
    Booking.objects.update(notes="=1+1")
    file = b"".join(office.get(f"{page_of(booking.customer)}/bookings.csv"))  # type: ignore[arg-type]
    table = file.decode().splitlines()
    assert table[0].startswith("\ufeffreference,start,service")
    assert "'=1+1" in table[1]


def test_one_is_erased_and_the_books_stay(office: Client, drain: Service) -> None:
    booking = past(drain, status=Status.COMPLETED)
    ahead = make_booking(drain, soon(drain.tradie))
    assign_missing(now=timezone.now())
    customer = booking.customer
    assert customer
    assert "What tax law needs stays" in text_of(office.get(f"{page_of(customer)}/erase"))
    office.post(f"{page_of(customer)}/erase")
    assert Customer.objects.exists()  # a booking is ahead
    Booking.objects.filter(pk=ahead.pk).update(status=Status.CANCELLED)
    office.post(f"{page_of(customer)}/erase")
    assert not Customer.objects.exists()
    booking.refresh_from_db()
    assert (booking.customer_name, booking.customer_phone, booking.erased_at is None) == (
        "(erased)",
        "",
        False,
    )
    assert booking.price_cents == 12_000
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.detail) == ("details_erased", "of 2 bookings, as they asked")


def test_their_quotes_their_place_on_the_waitlist_and_the_call_they_asked_for_go_too(
    office: Client, drain: Service
) -> None:
    customer = past(drain, status=Status.COMPLETED).customer
    assert customer
    now, tradie = timezone.now(), drain.tradie
    quote = sent_quote(drain)
    person = {"tradie": tradie, "name": JO.name, "phone": JO.phone, "created_at": now}
    CallBack.objects.create(**person, about="The tap")
    waiter = Waiter.objects.create(**person, service=drain, email=JO.email.upper(), token_hash="x")
    Message.objects.create(
        tradie=tradie, about=waiter.pk, kind="waitlist_joined", recipient=JO.email, dedupe_key="waits"
    )
    refused = office.post(f"{page_of(customer)}/erase", follow=True)
    assert "A quote still waits for their answer. Withdraw it first." in text_of(refused)
    assert (CallBack.objects.count(), Waiter.objects.count()) == (1, 1)
    quotes.withdraw(quote, now=now)
    office.post(f"{page_of(customer)}/erase")
    assert not (CallBack.objects.exists())
    assert not (Waiter.objects.exists())
    assert not Message.objects.exists()
    quote.refresh_from_db()
    assert (quote.customer_name, quote.customer_phone, quote.customer_email) == ("(erased)", "", "")
    assert "of 1 quote, as they asked" in set(AuditEntry.objects.values_list("detail", flat=True))


def test_another_businesss_customer_is_a_404(office: Client, alex: Tradie, quote: Service) -> None:
    customer = past(quote).customer
    assert customer
    theirs = Client()
    theirs.force_login(owner_of(alex))
    for path in ("", "/all.json", "/bookings.csv", "/erase", f"/with/{customer.pk}"):
        assert theirs.get(page_of(customer) + path).status_code == 404
    for path in ("/notes", "/block", "/erase"):
        assert theirs.post(page_of(customer) + path, {"notes": "x", "blocked": "1"}).status_code == 404
    customer.refresh_from_db()
    assert (customer.notes, customer.blocked_at) == ("", None)


def test_the_migration_finds_the_customers_of_the_bookings_that_there_are(
    sam: Tradie, quote: Service, alex: Tradie
) -> None:
    known = import_module("bookings.migrations.0021_customers_known")
    theirs = make_service(alex)
    for service, name, phone, email in (
        (quote, "Jo", "+61412345678", "jo@example.com"),
        (quote, "Jo Citizen", "+61412345678", "jo@work.example"),
        (quote, "Max", "+61499111222", ""),
        (theirs, "Jo", "+61412345678", "jo@example.com"),
    ):
        make_booking(service, customer_name=name, customer_phone=phone, customer_email=email)
    make_booking(quote, customer_name="(erased)", customer_phone="", erased_at=timezone.now())
    with connection.cursor() as cursor:
        for statement in (known.BY_PHONE, known.BY_EMAIL, known.THEIRS):
            cursor.execute(statement)
    found = {customer.name: customer for customer in sam.customers.all()}
    assert sorted(found) == ["Jo Citizen", "Max"]
    jo = found["Jo Citizen"]
    assert jo.bookings.count() == 2
    assert {one.value for one in jo.contacts.all()} == {"+61412345678", "jo@example.com", "jo@work.example"}
    assert alex.customers.get().bookings.count() == 1
    assert Booking.objects.filter(customer=None).count() == 1
