"""The receipt of a deposit as a PDF: who paid whom, how much, and what that is for GST. No tax invoice: that comes with
the job."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from accounts.logos import logo_of
from bookings.models import Booking
from payments.models import Payment
from peepopay import outbox
from peepopay.local_time import in_zone
from peepopay.money import dollars_and_cents

from .deposit_models import DepositReceipt
from .documents import as_date, seller_lines
from .invoices import address_of

if TYPE_CHECKING:
    from .paper import Paper

TITLE = "Deposit receipt"
NO_TAX_INVOICE = "This is a receipt for money paid. It is not a tax invoice."


def make(receipt: DepositReceipt) -> None:
    """Made once: a worker that died after that finds it made."""
    if receipt.content is None:
        rows = DepositReceipt.objects.select_related("payment__booking__tradie")
        content = made(rows.get(pk=receipt.pk))
        DepositReceipt.objects.filter(pk=receipt.pk, content=None).update(content=content)


def made(receipt: DepositReceipt) -> bytes:
    """The document; its payment, booking and business are loaded."""
    from .paper import Paper  # here: it is large, and few processes ever make a document

    payment, seller = receipt.payment, receipt.seller
    booking = payment.booking
    zone_name, paid_at = booking.tradie.timezone, payment.paid_at or payment.created_at
    buyer = [booking.customer_name, address_of(booking)]
    text = "".join([*seller.values(), *buyer, booking.service_name, receipt.about_gst])
    paper = Paper(f"{TITLE} {booking.reference}", seller["name"], paid_at, text=text)
    paper.heading(seller["name"], TITLE, logo=logo_of(booking.tradie_id))
    paper.facts([("Booking", booking.reference), ("Paid", as_date(in_zone(paid_at, zone_name)))])
    paper.side_by_side(("From", seller_lines(seller)), ("To", buyer))
    paper.line(f"{booking.service_name}, {as_date(in_zone(booking.starts_at, zone_name))}")
    _sums(paper, booking, payment)
    paper.block("GST", [receipt.about_gst, NO_TAX_INVOICE])
    return paper.content()


def _sums(paper: Paper, booking: Booking, payment: Payment) -> None:
    paper.sum("Deposit paid by card, thank you", dollars_and_cents(payment.amount_cents), strong=True)
    if booking.price_cents:
        paper.sum("Price from" if booking.price_from else "Price", dollars_and_cents(booking.price_cents))
    if booking.price_cents and not booking.price_from:
        left = booking.price_cents - payment.amount_cents
        paper.sum("Left to pay with the job", dollars_and_cents(left))


def receipt_of(booking: Booking) -> bytes | None:
    """As it was made; None as long as it isn't, and once it was erased."""
    rows = DepositReceipt.objects.filter(payment__booking=booking).exclude(content=None)
    content = rows.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def ask_for(booking: Booking, *, now: datetime) -> bool:
    """Have it made, unless a worker is at it. True: it is there in a moment. Two queries."""
    if booking.erased_at is not None:
        return False
    rows = DepositReceipt.objects.filter(payment__booking=booking, content=None)
    with transaction.atomic():
        idle = rows.filter(Q(done_at__isnull=False) | Q(dead_at__isnull=False))
        if asked_first := idle.update(due_at=now, **outbox.AFRESH):
            outbox.announce()
    return bool(asked_first) or rows.exists()
