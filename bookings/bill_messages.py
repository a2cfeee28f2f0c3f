"""What both sides are told when a job is paid for."""

from __future__ import annotations

from datetime import datetime

from .message_kinds import UNDONE_WITHIN
from .models import Booking
from .telling import call_off, tell


def tell_balance_paid(
    booking: Booking, *, amount_cents: int, now: datetime, payment_id: object, how: str = ""
) -> None:
    """The customer: a receipt. Paid by card, the tradie too; what the tradie wrote down (`how`: "in cash") waits a
    little, in case it is undone."""
    facts = {"amount_cents": amount_cents, "how": how or "by card"}
    if how:
        tell(booking, "balance_paid", now=now, facts=facts, occasion=payment_id, due_at=now + UNDONE_WITHIN)
    else:
        tell(booking, "balance_paid", "balance_paid_tradie", now=now, facts=facts, occasion=payment_id)


def take_back_balance_paid(booking: Booking, *, now: datetime, payment_id: object) -> None:
    """It was a mistake; the receipt is not sent, if it wasn't yet."""
    call_off(booking, "balance_paid", payment_id, now=now, because="It was undone.")
