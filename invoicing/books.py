"""What the books are told of money that came without Stripe: in cash, by transfer, on the tradie's own terminal."""

from __future__ import annotations

from datetime import datetime, time

from bookings.models import Booking
from ledger.chart import Account
from ledger.models import JournalKind
from ledger.told import Movement, Told, teller
from peepopay.local_time import in_zone, zone

from .invoice_models import Receipt


@teller
def without_stripe(booking: Booking) -> Told:
    """One query. One that was undone is told of no more, and so is reversed."""
    receipts = Receipt.objects.filter(booking=booking, undone_at=None)
    return Told([_received(receipt, booking.tradie.timezone) for receipt in receipts])


def _received(receipt: Receipt, zone_name: str) -> Movement:
    """It is paid for the job itself, so GST on it is due at once."""
    return Movement(
        f"receipt:{receipt.pk}",
        JournalKind.CASH,
        _when(receipt, zone_name),
        {Account.BANK: receipt.amount_cents},
        taxed_at_once=True,
    )


def _when(receipt: Receipt, zone_name: str) -> datetime:
    """Of another day than that on which it was written down only the date is known."""
    if in_zone(receipt.recorded_at, zone_name).date() == receipt.received_on:
        return receipt.recorded_at
    return datetime.combine(receipt.received_on, time(12), zone(zone_name))
