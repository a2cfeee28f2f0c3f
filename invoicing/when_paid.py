"""What follows here from a paid deposit, where `payments/deposits.py` looks for it: there can be a receipt of it, and a
quote is accepted."""

from __future__ import annotations

from datetime import datetime

from bookings.message_context import gst_sentence
from bookings.models import Status
from payments import deposits
from payments.models import Payment
from peepopay import written_rows

from . import webhook_events
from .deposit_models import DepositReceipt
from .invoices import seller_of
from .quote_models import Quote


@deposits.when_paid
def prepare_receipt(payment: Payment, now: datetime) -> None:
    """In the transaction that says it is paid. The document is made when somebody asks for it: few do."""
    booking = payment.booking
    receipt = DepositReceipt(
        payment=payment,
        seller=seller_of(booking.tradie),
        about_gst=gst_sentence(booking),
        due_at=now,
        done_at=now,
    )
    written_rows.insert_unless_there([receipt])


@deposits.when_paid
def tell_accepted(payment: Payment, now: datetime) -> None:
    """What is booked again in the place of a quoted job was accepted with that one."""
    booking = payment.booking
    if booking.quote_id and not booking.rebooks_id and booking.status == Status.CONFIRMED:
        quote = Quote.objects.select_related("tradie", "current").get(pk=booking.quote_id)
        webhook_events.tell_quote(webhook_events.QUOTE_ACCEPTED, quote, now=now, job=booking)
