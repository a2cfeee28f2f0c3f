"""GET /api/invoices, /api/invoices/:id, /api/quotes, /api/quotes/:id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie, User
from bookings.models import Booking
from invoicing.quotes import save_draft
from invoicing.tests.billing import ABN, bill, credit, paid_in_cash, pay
from local.testing.cast import make_booking, owner_of, soon
from local.testing.quoting import NO_DEPOSIT, accepted, sent_quote, writing
from peepopay.local_time import in_zone
from web.tests.api.tradie_client import TradieClient, refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sams(sam: Tradie) -> TradieClient:
    return TradieClient(owner_of(sam))


@pytest.fixture
def job(drain: Service) -> Booking:
    """Yesterday's, of which Jo paid $30."""
    Tradie.objects.filter(pk=drain.tradie_id).update(abn=ABN)
    booking = make_booking(drain, timezone.now() - timedelta(days=1))
    pay(booking, 3_000)
    return booking


def test_an_invoice_is_told_whole_and_how_its_job_stands(sams: TradieClient, job: Booking) -> None:
    invoice = bill(job, 12_000)
    paid_in_cash(job, 1_000)
    answer = sams.get(f"/api/invoices/{invoice.pk}").json()
    assert answer == {
        "id": str(invoice.pk),
        "number": "INV-0001",
        "kind": "invoice",
        "issued_at": in_zone(invoice.issued_at, "Australia/Sydney").isoformat(timespec="seconds"),
        "booking": str(job.pk),
        "booking_reference": job.reference,
        "corrects": None,
        "reason": "",
        "buyer_name": "Jo Citizen",
        "buyer_address": "1 George Street, Newtown NSW 2042",
        "lines": [
            {
                "description": "Labour",
                "quantity": "1.00",
                "unit_price_cents": 12_000,
                "total_cents": 12_000,
                "is_gst_free": False,
            }
        ],
        "total_cents": 12_000,
        "gst_cents": 1_091,
        "job": {"asked_cents": 12_000, "received_cents": 4_000, "left_cents": 8_000},
        "pdf_url": f"http://testserver/dashboard/bookings/{job.pk}/documents/{invoice.pk}",
    }


def test_they_are_listed_as_they_were_issued_by_kind_and_day(sams: TradieClient, job: Booking) -> None:
    invoice = bill(job, 12_000)
    note = credit(invoice, 2_000)
    answer = sams.get("/api/invoices").json()
    assert [row["number"] for row in answer["invoices"]] == ["INV-0001", "CN-0001"]
    assert (answer["page"], answer["next_page"]) == (1, None)
    (told,) = sams.get("/api/invoices?kind=credit_note").json()["invoices"]
    assert (told["id"], told["corrects"], told["reason"]) == (
        str(note.pk),
        str(invoice.pk),
        "Tap was scratched",
    )
    today = in_zone(timezone.now(), "Australia/Sydney").date()
    for query, many in ((f"from={today}", 2), (f"to={today}", 2), (f"to={today - timedelta(days=1)}", 0)):
        assert len(sams.get(f"/api/invoices?{query}").json()["invoices"]) == many, query
    assert refused(sams.get("/api/invoices?kind=bill")) == (400, "VALIDATION_FAILED")


def test_lists_take_as_many_queries_for_three_as_for_one(
    sams: TradieClient, drain: Service, django_assert_num_queries: Any
) -> None:
    Tradie.objects.filter(pk=drain.tradie_id).update(abn=ABN)
    for many in (1, 2):
        for _ in range(many):
            booking = make_booking(
                drain, timezone.now() - timedelta(days=1, hours=2 * drain.tradie.bookings.count())
            )
            pay(booking, 3_000)
            bill(booking, 12_000, 500)
            sent_quote(drain)
        sams.get("/api/invoices")
        for path, queries in (("/api/invoices", 5), ("/api/quotes", 5)):
            with django_assert_num_queries(queries):
                sams.get(path)


def test_a_quote_is_told_as_it_was_written_last_and_what_became_of_it(
    sams: TradieClient, sam: Tradie, drain: Service
) -> None:
    quote = sent_quote(drain, deposit=NO_DEPOSIT)
    told = sams.get(f"/api/quotes/{quote.pk}").json()
    assert (told["state"], told["price_cents"], told["deposit_cents"], told["booking"]) == (
        "sent",
        180_000,
        0,
        None,
    )
    assert told["customer"] == {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"}
    assert [line["quantity"] for line in told["lines"]] == ["1.00", "2.50"]
    booking = accepted(quote, soon(sam))
    told = sams.get(f"/api/quotes/{quote.pk}").json()
    assert (told["state"], told["booking"]) == ("accepted", str(booking.pk))
    draft = save_draft(sam, writing(drain, title="Gutters"), now=timezone.now())
    listed = sams.get("/api/quotes").json()["quotes"]
    assert [(row["id"], row["state"], row["sent_at"] is None) for row in listed] == [
        (str(draft.pk), "draft", True),
        (str(quote.pk), "accepted", False),
    ]
    for query, found in (("state=draft", [draft.pk]), ("state=lapsed", []), ("q=nobody", [])):
        rows = sams.get(f"/api/quotes?{query}").json()["quotes"]
        assert [row["id"] for row in rows] == [str(pk) for pk in found], query


def test_nothing_opens_the_customers_page(sams: TradieClient, job: Booking, drain: Service) -> None:
    from bookings.tokens import token_of
    from invoicing.quote_tokens import token_of as token_of_quote

    bill(job, 12_000)
    quote = sent_quote(drain)
    said = sams.get("/api/invoices").content.decode() + sams.get("/api/quotes").content.decode()
    assert token_of(job) not in said
    assert token_of_quote(quote) not in said


def test_only_office_and_owners_of_the_business(
    sam: Tradie, kim: User, lee: User, alex: Tradie, job: Booking, drain: Service
) -> None:
    invoice, quote = bill(job, 12_000), sent_quote(drain)
    for path in (f"/api/invoices/{invoice.pk}", f"/api/quotes/{quote.pk}"):
        assert TradieClient(kim).get(path).status_code == 200
        assert refused(TradieClient(lee).get(path)) == (403, "FORBIDDEN")
        assert refused(TradieClient(owner_of(alex)).get(path)) == (403, "FORBIDDEN")
    assert TradieClient(owner_of(alex)).get("/api/invoices").json()["invoices"] == []
    assert TradieClient(owner_of(alex)).get("/api/quotes").json()["quotes"] == []
