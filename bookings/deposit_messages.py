"""What is told of a deposit that the business asks for by a link."""

from __future__ import annotations

from datetime import datetime

from .models import Booking
from .telling import tell


def tell_deposit_asked(booking: Booking, *, now: datetime) -> None:
    """The customer, for whom the business holds a time: until when to pay the deposit, and where."""
    tell(booking, "deposit_asked", now=now)


def tell_deposit_lapsed(booking: Booking, *, now: datetime) -> None:
    """The tradie: nobody paid it in time, and the time is free again."""
    tell(booking, "deposit_lapsed_tradie", now=now)
