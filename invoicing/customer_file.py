"""What a business has on one customer: what their jobs came to, and all of it as a file to hand over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Sum

from bookings.customer_models import Customer
from bookings.job_lists import WAS_BOOKED
from bookings.models import Booking
from payments.models import Payment, PaymentStatus
from peepopay.local_time import iso
from peepopay.money import dollars

from .invoice_models import Receipt

MOST_JOBS = 2_000
COLUMNS = (
    "reference",
    "start",
    "service",
    "status",
    "price",
    "deposit",
    "paid",
    "refunded",
    "address",
    "notes",
)


class Money(NamedTuple):
    """In cents: what they paid by card, less what went back, and what they paid without us."""

    by_card_cents: int
    elsewhere_cents: int

    @property
    def total_cents(self) -> int:
        return self.by_card_cents + self.elsewhere_cents


def money_of(customer: Customer) -> Money:
    """Two queries."""
    paid = Payment.objects.filter(booking__customer=customer, status=PaymentStatus.SUCCEEDED)
    received = Receipt.objects.filter(booking__customer=customer, undone_at=None)
    by_card = paid.aggregate(cents=Sum(F("amount_cents") - F("refunded_cents")))["cents"]
    return Money(by_card or 0, received.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def as_json(customer: Customer) -> dict[str, Any]:
    """Everything about them, bookings from the first; money in cents, times in the business's zone."""
    return {
        "name": customer.name,
        "contacts": [contact.value for contact in customer.contacts.all()],
        "notes": customer.notes,
        "blocked_at": iso(customer.blocked_at, customer.tradie.timezone) if customer.blocked_at else None,
        "bookings": [_told(booking, customer.tradie.timezone) for booking in _jobs(customer)],
    }


def rows_of(customer: Customer) -> Iterator[Sequence[str]]:
    """A row for each booking, amounts in dollars."""
    yield COLUMNS
    for booking in _jobs(customer):
        told = _told(booking, customer.tradie.timezone)
        cells = {
            **told,
            "price": f"{'from ' if told['price_from'] else ''}{dollars(told['price_cents'])}",
            "deposit": dollars(told["deposit_cents"]),
            "paid": dollars(told["paid_cents"] + told["paid_elsewhere_cents"]),
            "refunded": dollars(told["refunded_cents"]),
        }
        yield [str(cells[name]) for name in COLUMNS]


def _jobs(customer: Customer) -> Iterator[Booking]:
    rows = customer.bookings.filter(WAS_BOOKED).order_by("starts_at", "id")
    yield from rows.prefetch_related("payments", "receipts", "events")[:MOST_JOBS]


def _told(booking: Booking, zone_name: str) -> dict[str, Any]:
    paid = [payment for payment in booking.payments.all() if payment.status == PaymentStatus.SUCCEEDED]
    receipts = [receipt for receipt in booking.receipts.all() if not receipt.undone_at]
    place = f"{booking.address_suburb} {booking.address_state} {booking.address_postcode}"
    return {
        "reference": booking.reference,
        "start": iso(booking.starts_at, zone_name),
        "service": booking.service_name,
        "status": booking.status,
        "name": booking.customer_name,
        "email": booking.customer_email,
        "phone": booking.customer_phone,
        "address": f"{booking.address_line1}, {place}",
        "notes": booking.notes,
        "who_is_home": " ".join(filter(None, (booking.site_name, booking.site_phone))),
        "getting_in": booking.access_notes,
        "answers": booking.answers,
        "our_notes": booking.tradie_notes,
        "price_cents": booking.price_cents,
        "price_from": booking.price_from,
        "deposit_cents": booking.deposit_cents,
        "paid_cents": sum(payment.amount_cents for payment in paid),
        "refunded_cents": sum(payment.refunded_cents for payment in paid),
        "paid_elsewhere_cents": sum(receipt.cents for receipt in receipts),
        "history": [
            {"at": iso(event.at, zone_name), "what": event.get_kind_display(), "detail": event.detail}
            for event in booking.events.all()
        ],
    }
