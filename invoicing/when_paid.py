"""What follows here from a paid deposit, where `payments/deposits.py` looks for it: the customer gets a receipt."""

from __future__ import annotations

from datetime import datetime

from bookings.message_context import gst_sentence
from payments import deposits
from payments.models import Payment
from peepopay import outbox

from .deposit_models import DepositReceipt
from .invoices import seller_of


@deposits.when_paid
def order_receipt(payment: Payment, now: datetime) -> None:
    """In the transaction that says it is paid."""
    booking = payment.booking
    DepositReceipt.objects.create(
        payment=payment, seller=seller_of(booking.tradie), about_gst=gst_sentence(booking), due_at=now
    )
    outbox.announce()
