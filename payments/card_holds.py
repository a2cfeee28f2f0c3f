"""How what cards hold is to end, as rows: written with what decides it, carried out by `approvals.end_hold`."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking
from peepopay import outbox

from .models import CardHold, HoldEnd, Payment, PaymentStatus


def take(payment: Payment, *, now: datetime) -> None:
    """Charge what the card holds; in the caller's transaction, with the payment locked."""
    CardHold.objects.create(payment=payment, end=HoldEnd.TAKE, created_at=now, due_at=now)
    outbox.announce()


def let_go(payment: Payment, *, now: datetime) -> None:
    """Nothing is to be charged, whatever was wanted before; in the caller's transaction, with the payment locked."""
    again = {"end": HoldEnd.LET_GO, "due_at": now, "attempts": 0, "done_at": None, "dead_at": None}
    CardHold.objects.update_or_create(
        payment=payment, defaults=again, create_defaults={**again, "created_at": now}
    )
    outbox.announce()


def authorised(booking: Booking) -> Payment | None:
    """What a card holds for the booking, locked; call it with the booking locked."""
    rows = Payment.objects.select_for_update().filter(booking=booking, status=PaymentStatus.AUTHORISED)
    return rows.first()


def let_go_of(booking: Booking, *, now: datetime) -> int:
    """Of all that a card holds for this booking, which is off; returns how many cents that is."""
    if booking.requires_approval and booking.deposit_cents and (payment := authorised(booking)):
        let_go(payment, now=now)
        return payment.amount_cents
    return 0
