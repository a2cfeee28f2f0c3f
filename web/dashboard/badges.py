"""What is out of the ordinary about a booking, in a word or two: the rest of a list stays quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bookings.expected import over_by
from bookings.models import Booking, Status
from payments.models import PaymentKind
from payments.totals import totals_in
from peepopay.local_time import arrival_expected
from peepopay.money import dollars

WAITS = "requested"


@dataclass(frozen=True)
class Badge:
    """`tone`: of the style sheet, named after the statuses that have it."""

    text: str
    tone: str


def badges_of(booking: Booking, now: datetime, zone_name: str) -> list[Badge]:
    """Bring along `payments`: no queries. Usual is: ahead confirmed, afterwards done, the deposit paid and kept."""
    return [*_standing(booking, now), *_told(booking, zone_name), *_money(booking)]


def _standing(booking: Booking, now: datetime) -> Iterator[Badge]:
    is_over = over_by(booking) <= now
    if booking.status == Status.CONFIRMED and is_over:
        yield Badge("Not marked done", WAITS)
    elif booking.status == Status.REQUESTED and booking.approved_at:
        yield Badge("Charging the deposit", WAITS)
    elif booking.status != (Status.COMPLETED if is_over else Status.CONFIRMED):
        yield Badge(booking.get_status_display(), booking.status)


def _told(booking: Booking, zone_name: str) -> Iterator[Badge]:
    if booking.call_wanted_since:
        yield Badge("Wants a call", WAITS)
    if booking.status != Status.CONFIRMED:
        return
    if booking.asked_to_move_at:
        yield Badge("Asked to move", WAITS)
    if booking.late_minutes:
        told = arrival_expected(booking.expected_at, booking.arrival_window_minutes, zone_name)
        yield Badge(f"Told: {told}", "plain")
    if booking.says_yes:
        yield Badge("Says yes", Status.COMPLETED)


def _money(booking: Booking) -> Iterator[Badge]:
    totals = totals_in(booking.payments.all())
    back = totals.refunded_cents + totals.reserved_cents
    if back:
        yield Badge(f"{dollars(back)} back", "plain")
    is_due = booking.deposit_cents and booking.status in (Status.CONFIRMED, Status.COMPLETED)
    if is_due and not totals.of(PaymentKind.DEPOSIT).paid_cents:
        yield Badge(f"Deposit of {dollars(booking.deposit_cents)} not paid", "plain")
    if totals.taken_cents:
        yield Badge("Disputed", Status.CANCELLED)


def paid_cents(booking: Booking) -> int:
    """By card, what went back included. Bring along `payments`."""
    return totals_in(booking.payments.all()).paid_cents
