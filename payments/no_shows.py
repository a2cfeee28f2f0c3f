"""A customer who wasn't there: marked by the business, with what happens to the money shown first; taken back within a
day. Procedure 11 of docs/payments.md.

Whoever marks says whether the saved card is charged. Then the payment's row and the work of charging it are written in
the same transaction, and a worker asks Stripe (`fee_charges.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from availability.calendars import lock_calendar
from bookings import lifecycle
from bookings.actors import By
from bookings.lifecycle import UNDONE_WITHIN, record
from bookings.models import Booking, EventKind, Status
from bookings.no_shows import NoShow, if_no_show
from peepopay import outbox
from peepopay.errors import BookingNotChangeable
from peepopay.money import dollars

from . import intents, no_show_messages
from .card_consents import chargeable
from .connected_accounts import can_charge, is_elsewhere
from .intents import SavedCard
from .models import (
    LIVE_PAYMENT,
    CardConsent,
    FeeCharge,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from .no_show_fees import TAKEN_BACK
from .refunds import request_refund
from .totals import Totals, totals_of

NOT_YET = "It hasn't started yet. You can mark a no-show once it has."
OTHER_FIGURE = "The figures have changed in the meantime. Here is how it stands now."
TOO_LATE = "A no-show can be taken back for a day. This one was marked longer ago. You can still refund what was paid."


def outcome_of(booking: Booking, totals: Totals, *, now: datetime) -> NoShow:
    """What happens to the money if it is a no-show now. Its tradie is loaded."""
    return _outcome(booking, totals, _card(booking, now))


def _outcome(booking: Booking, totals: Totals, card: CardConsent | None) -> NoShow:
    fee_paid = totals.of(PaymentKind.NO_SHOW_FEE)
    return if_no_show(
        booking.terms.policy,
        paid_cents=totals.paid_cents - fee_paid.paid_cents,
        # What the customer's bank has taken counts as kept: a card is not charged for it.
        returned_cents=totals.refunded_cents
        + totals.reserved_cents
        - fee_paid.refunded_cents
        - fee_paid.reserved_cents,
        card_cents=card.cap_cents if card else 0,
    )


def _card(booking: Booking, now: datetime) -> CardConsent | None:
    """The consent to charge by, unless its fee is being charged, or was: after one that went back none comes."""
    card = chargeable(booking, now)
    if card is None or not can_charge(booking.tradie) or is_elsewhere(card.account_id, booking.tradie):
        return None
    if booking.status == Status.NO_SHOW and not may_be_undone(booking, now):
        return None  # what can't be taken back any more isn't begun
    fees = Payment.objects.filter(booking=booking, kind=PaymentKind.NO_SHOW_FEE, status__in=LIVE_PAYMENT)
    return None if fees.exists() else card


def _locked(booking: Booking) -> Booking:
    lock_calendar(booking.calendar_id)
    rows = Booking.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("tradie", "calendar").get(pk=booking.pk)


@transaction.atomic
def mark(booking: Booking, *, by: By, now: datetime, charge_cents: int = 0) -> bool:
    """It was a no-show; the saved card is charged `charge_cents`, the figure that whoever marks it was shown (0: it
    isn't charged). Both sides are told. False: it was not confirmed, as when the button was pressed twice.

    Raises BookingNotChangeable: it hasn't started, or the figure is another by now.
    """
    booking = _locked(booking)
    if booking.status == Status.CONFIRMED and booking.starts_at > now:
        raise BookingNotChangeable(NOT_YET)
    if not lifecycle.mark_no_show(booking, by=by, now=now):
        return False
    outcome = _charge(booking, charge_cents, by, now)
    no_show_messages.tell_marked(booking, outcome.kept_cents, charge_cents, now=now)
    return True


@transaction.atomic
def charge_fee(booking: Booking, *, by: By, now: datetime, charge_cents: int) -> bool:
    """The fee of what is marked already, by somebody who only marked it. False: it isn't a no-show.

    Raises BookingNotChangeable where the figure is another, as when it was asked for before.
    """
    booking = _locked(booking)
    if booking.status != Status.NO_SHOW:
        return False
    outcome = _charge(booking, charge_cents, by, now)
    no_show_messages.tell_marked(booking, outcome.kept_cents, charge_cents, now=now)
    return True


def _charge(booking: Booking, charge_cents: int, by: By, now: datetime) -> NoShow:
    card = _card(booking, now)
    outcome = _outcome(booking, totals_of(booking), card)
    if not charge_cents:
        return outcome
    if card is None or outcome.charge_cents != charge_cents:
        raise BookingNotChangeable(OTHER_FIGURE)
    what = f"No-show fee for {booking.service_name}, {booking.tradie.business_name} ({booking.reference})"
    payment = intents.new_payment(
        booking,
        PaymentKind.NO_SHOW_FEE,
        charge_cents,
        what,
        now=now,
        card=SavedCard(card.customer_id, card.payment_method_id),
    )
    FeeCharge.objects.create(
        payment=payment,
        consent=card,
        amount_cents=charge_cents,
        cap_cents=card.cap_cents,
        created_at=now,
        due_at=now,
    )
    record(booking, EventKind.FEE_ASKED, by=by, now=now, detail=dollars(charge_cents))
    audit.note(booking.tradie_id, Change.NO_SHOW_FEE, about=booking.reference, detail=dollars(charge_cents))
    outbox.announce()
    return outcome


@dataclass(frozen=True)
class Standing:
    """How a no-show stands: its fee, if one was asked for, whether it can be taken back, what could yet be charged."""

    fee: Payment | None
    may_undo: bool
    charge_cents: int


def standing_of(booking: Booking, totals: Totals, *, now: datetime) -> Standing | None:
    """None: it is no no-show. Its tradie is loaded."""
    if booking.status != Status.NO_SHOW:
        return None
    fees = booking.payments.filter(kind=PaymentKind.NO_SHOW_FEE).select_related("fee_charge")
    charge_cents = outcome_of(booking, totals, now=now).charge_cents
    return Standing(fees.last(), may_be_undone(booking, now), charge_cents)


def may_be_undone(booking: Booking, now: datetime) -> bool:
    marked = booking.no_show_at
    return booking.status == Status.NO_SHOW and marked is not None and marked > now - UNDONE_WITHIN


@transaction.atomic
def undo(booking: Booking, *, by: By, now: datetime) -> bool:
    """It was no no-show after all: the booking stands again, and the fee goes back whole, or is never charged. What is
    with Stripe at this moment is looked up by the worker, and closed or refunded. False: it is no no-show (any more).

    Raises BookingNotChangeable after a day.
    """
    booking = _locked(booking)
    if booking.status != Status.NO_SHOW:
        return False
    if not lifecycle.undo_no_show(booking, by=by, now=now):
        raise BookingNotChangeable(TOO_LATE)
    back_cents = _call_off(booking, by, now)
    audit.note(booking.tradie_id, Change.NO_SHOW_UNDONE, about=booking.reference)
    no_show_messages.tell_undone(booking, back_cents, now=now)
    return True


def _call_off(booking: Booking, by: By, now: datetime) -> int:
    """The fee that was asked for, if any. -> cents that were charged and go back."""
    payments = Payment.objects.select_for_update(no_key=True).filter(
        booking=booking, kind=PaymentKind.NO_SHOW_FEE, status__in=LIVE_PAYMENT
    )
    payment = payments.first()
    if payment is None:
        return 0
    payment.booking = booking
    # Looked at by the next sweep, if the worker should not get to it.
    Payment.objects.filter(pk=payment.pk).update(called_off_at=now, checked_at=None)
    if payment.status == PaymentStatus.SUCCEEDED:
        cents = payment.left_cents
        if cents:
            request_refund(payment, cents, reason=TAKEN_BACK, now=now, by=by, told_when_asked=True)
        return cents
    charges = FeeCharge.objects.filter(payment=payment)
    if payment.status == PaymentStatus.NEW and charges.filter(asked_at=None).exists():
        Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.CANCELED)
    charges.update(due_at=now, attempts=0, done_at=None, dead_at=None)
    outbox.announce()
    return 0
