"""Somebody else is home: a tenant, a neighbour, the office. Who, and how to get in, the customer says when they book or
later on the page of their booking."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from peepopay.errors import BookingNotChangeable, CallInstead
from peepopay.phone import as_written

from .actors import CUSTOMER
from .lifecycle import record
from .models import Booking, EventKind, Status

OPEN = (Status.PENDING, Status.REQUESTED, Status.CONFIRMED)
MOST_A_DAY = 10  # of one booking
A_DAY = timedelta(days=1)


def may_change(booking: Booking, now: datetime) -> bool:
    """Until the job is over."""
    return booking.status in OPEN and now < booking.ends_at


@transaction.atomic
def say_who_is_home(booking: Booking, *, name: str, phone: str, access_notes: str, now: datetime) -> bool:
    """`phone`: E.164, or nothing. False: it stood like that already. What was said is in the row alone, never in the
    history. Raises BookingNotChangeable when the job is over, CallInstead after many changes in a day."""
    said = {"site_name": name, "site_phone": phone, "access_notes": access_notes}
    rows = Booking.objects.filter(pk=booking.pk, status__in=OPEN, ends_at__gt=now, erased_at=None)
    as_it_is = rows.select_for_update(no_key=True).values(*said).first()
    if as_it_is is None:
        raise BookingNotChangeable("This job is over, so there is nothing to change.")
    if as_it_is == said:
        return False
    changed = booking.events.filter(kind=EventKind.ON_SITE, at__gt=now - A_DAY)
    if changed.count() >= MOST_A_DAY:
        raise CallInstead(f"That changed often today. Please call {as_written(booking.tradie.phone)}.")
    rows.update(**said)
    for column, value in said.items():
        setattr(booking, column, value)
    record(booking, EventKind.ON_SITE, by=CUSTOMER, now=now)
    return True
