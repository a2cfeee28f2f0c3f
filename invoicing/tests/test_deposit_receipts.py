"""The receipt of a deposit: made once, when somebody asks for it, and it says what the deposit is for GST."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Service, Tradie
from accounts.service_rules import DepositIs
from bookings.models import Booking, Status
from invoicing.deposit_models import DepositReceipt
from invoicing.deposit_receipts import ask_for, make, receipt_of
from invoicing.erasing import erase
from invoicing.tasks import make_deposit_receipt
from local.testing.cast import make_booking
from payments import deposits
from payments.models import Payment, PaymentStatus
from peepopay import outbox


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Before any test's transaction: on a busy machine that takes longer than one may be idle."""
    import_module("invoicing.paper")


def paid(service: Service, **agreed: object) -> Booking:
    """A hold whose deposit of $30 has just been paid."""
    booking, now = make_booking(service, status=Status.PENDING, **agreed), timezone.now()
    payment = Payment.objects.create(
        booking=booking,
        status=PaymentStatus.SUCCEEDED,
        account_id="acct_demo_joe",
        intent_id=f"pi_{booking.pk.hex}",
        amount_cents=booking.deposit_cents,
        created_at=now,
        paid_at=now,
    )
    deposits.on_settled(payment, now)
    return Booking.objects.get(pk=booking.pk)


def text_of(booking: Booking) -> str:
    make(DepositReceipt.objects.get(payment__booking=booking))
    content = receipt_of(booking)
    assert content
    reader = PdfReader(BytesIO(content))
    assert reader.metadata
    assert reader.metadata.title == f"Deposit receipt {booking.reference}"
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_it_says_who_paid_whom_what_and_that_it_is_no_tax_invoice(drain: Service) -> None:
    Tradie.objects.update(abn="51824753556")
    drain.refresh_from_db()
    booking = paid(drain)
    text = text_of(booking)
    for said in (
        "Deposit receipt",
        "Sam's Plumbing",
        "ABN 51 824 753 556",
        "Jo Citizen",
        "1 George Street",
        booking.reference,
        "Deposit paid by card, thank you $30.00",
        "Price $120.00",
        "Left to pay with the job $90.00",
        "It is a security deposit: GST on it is due when it is taken off your bill or kept.",
        "It is not a tax invoice.",
    ):
        assert said in text, said


def test_a_part_payment_names_the_gst_in_it(drain: Service) -> None:
    text = text_of(paid(drain, deposit_is=DepositIs.PART_PAYMENT, price_from=True))
    assert "It is a part payment of the price, and $2.73 of it is GST, due now." in text
    assert "Price from $120.00" in text
    assert "Left to pay" not in text


def test_without_gst_it_says_so(drain: Service) -> None:
    Tradie.objects.update(gst_registered=False)
    drain.refresh_from_db()
    drain.tradie.refresh_from_db()
    assert "isn't registered for GST, so it has none in it." in text_of(paid(drain))


def test_it_keeps_what_held_when_it_was_paid_and_is_made_once(drain: Service) -> None:
    booking = paid(drain)
    Tradie.objects.update(gst_registered=False, business_name="Somebody Else")
    assert "It is a security deposit: GST" in text_of(booking)
    before = receipt_of(booking)
    Booking.objects.update(customer_name="Somebody Else")
    text_of(booking)
    assert receipt_of(booking) == before


@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_it_once_somebody_asks_and_is_done_with_it(drain: Service) -> None:
    booking, now = paid(drain), timezone.now()
    receipt = DepositReceipt.objects.get()
    assert not outbox.run(DepositReceipt, receipt.pk, lambda row: make_deposit_receipt(row, now), now=now)
    assert ask_for(booking, now=now)
    assert ask_for(booking, now=now)  # by the other side, while it waits
    assert outbox.run(DepositReceipt, receipt.pk, lambda row: make_deposit_receipt(row, now), now=now)
    receipt.refresh_from_db()
    assert receipt.done_at
    assert receipt_of(booking)
    assert not ask_for(booking, now=now)


def test_it_goes_with_its_customers_details(drain: Service) -> None:
    booking = paid(drain)
    text_of(booking)
    erase([booking.pk])
    assert receipt_of(booking) is None
    booking.erased_at = timezone.now()
    assert not ask_for(booking, now=timezone.now())
