"""Money of jobs that come round: a deposit for each visit, and what goes back when they end."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from availability.calendars import lock_calendar
from bookings import series as rules
from bookings.actors import SYSTEM, By
from bookings.deposit_messages import tell_deposit_asked
from bookings.lifecycle import record
from bookings.models import Booking, EventKind, Series, Status
from peepopay import sweeps
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import in_zone

from .cancellations import cancel_job
from .connected_accounts import can_charge
from .expiry import expire_hold

NO_MORE = "Your regular visits end: this one and all after it are off."
DAYS_BEFORE = (3, 7)  # that a deposit may be asked for
LEAST, PAID_BEFORE = timedelta(days=2), timedelta(days=1)
MORNING, EVENING = 8, 20  # hours of the clock where the job is
MOST_AT_ONCE = 200
REACHABLE = Q(tell_customer=True) & (~Q(customer_email="") | Q(customer_phone__startswith="+614"))


def end_series(series: Series, from_day: date, *, by: By, now: datetime) -> int:
    """No visit from that local date on. Its customer is told once, of the first that is off, and of each that they paid
    for. Returns how many were called off. What somebody changed at that moment is left as it is: pressed again, it is
    looked at again."""
    called_off = 0
    for booking in rules.stop(series, from_day, now=now):
        if booking.status == Status.PENDING and expire_hold(booking, now=now):
            continue
        with suppress(BookingNotChangeable):
            tell = not called_off or booking.deposit_cents > 0
            cancel_job(booking, by=by, now=now, reason=NO_MORE, tell=tell)
            called_off += 1
    return called_off


def may_ask(booking: Booking) -> bool:
    """Whether a deposit can be asked for each of its visits: its service has one, cards are taken, and there is where
    to send the link."""
    reachable = booking.tell_customer and (
        booking.customer_email or booking.customer_phone.startswith("+614")
    )
    return bool(reachable and rules.usual_deposit_cents(booking) and can_charge(booking.tradie))


def ask_deposits(*, now: datetime) -> int:
    """The sweep: of visits that come near, the deposit is asked for, each once and by day; returns of how many. What
    fails comes round again."""
    asked = 0
    for days in DAYS_BEFORE:
        rows = Booking.objects.filter(
            REACHABLE,
            status=Status.CONFIRMED,
            deposit_cents=0,
            payments=None,  # nor is one held until it is paid for which money came, or was asked for, already
            bill=None,
            visit__series__deposit_days=days,
            created_at__gte=F("visit__series__created_at"),  # the first has its own
            starts_at__gt=now + LEAST,
            starts_at__lte=now + timedelta(days=days),
        )
        rows = rows.select_related("tradie__connected_account", "visit__series").order_by("starts_at")
        asked += sweeps.each(list(rows[:MOST_AT_ONCE]), lambda booking: _ask(booking, now))
    return asked


@transaction.atomic
def _ask(booking: Booking, now: datetime) -> bool:
    """It is kept for its customer until a day before, as any that the business keeps until a link is paid. False: it is
    night, cards can't be taken, or it changed meanwhile."""
    is_day = MORNING <= in_zone(now, booking.tradie.timezone).hour < EVENING
    if not is_day or not can_charge(booking.tradie):
        return False
    lock_calendar(booking.calendar_id)
    still = Booking.objects.filter(pk=booking.pk, status=Status.CONFIRMED, starts_at=booking.starts_at)
    changed = still.filter(deposit_cents=0, payments=None, bill=None).update(
        status=Status.PENDING,
        deposit_cents=booking.visit.series.deposit_cents,
        held_until=booking.starts_at - PAID_BEFORE,
        confirmed_at=None,
    )
    if not changed:
        return False
    booking.refresh_from_db(from_queryset=Booking.objects.select_related("tradie", "calendar"))
    record(booking, EventKind.HELD, by=SYSTEM, now=now, detail="until its deposit is paid")
    tell_deposit_asked(booking, now=now)
    return True
