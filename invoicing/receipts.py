"""Money that came in cash, by transfer or over the business's own terminal: written down, and undone where it was a
mistake."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from bookings.actors import By
from bookings.bill_messages import take_back_balance_paid
from bookings.lifecycle import record
from bookings.models import Booking, EventKind
from payments.bills import standing_of
from payments.webhook_events import BALANCE_PAID, BALANCE_UNDONE
from peepopay.errors import BookingNotChangeable, ValidationFailed
from peepopay.local_time import in_zone
from peepopay.money import dollars

from . import webhook_events
from .invoice_messages import tell_received
from .invoice_models import How, Receipt
from .invoices import locked, restate

NOT_INVOICED = "Say first what the job came to."
LONGEST_AGO = timedelta(days=366)


@transaction.atomic
def record_cash(
    booking: Booking, amount_cents: int, *, how: How, received_on: date, key: UUID, by: By, now: datetime
) -> Receipt:
    """Write down that so much of a bill was paid without us; the customer gets a receipt by mail.

    `key` stands for one press of the button: with it, however often, it is one receipt. A card payment that has been
    opened may then ask for too much: see to it by `paying_balances.settle_balances`, once this is committed.
    Raises ValidationFailed, BookingNotChangeable.
    """
    booking = locked(booking)
    if before := Receipt.objects.filter(booking=booking, client_key=key).first():
        return before
    standing = standing_of(booking)
    if standing is None:
        raise BookingNotChangeable(NOT_INVOICED)
    _refuse_too_much(amount_cents, standing.left_cents)
    return _write_down(booking, amount_cents, how, received_on, key, by, now)


@transaction.atomic
def record_deposit(
    booking: Booking, amount_cents: int, *, how: How, received_on: date, key: UUID, by: By, now: datetime
) -> Receipt:
    """The same of what was paid before the job: it counts towards the invoice once there is one. In the transaction
    that makes the booking."""
    return _write_down(booking, amount_cents, how, received_on, key, by, now)


def _write_down(
    booking: Booking, amount_cents: int, how: How, received_on: date, key: UUID, by: By, now: datetime
) -> Receipt:
    _refuse_odd_day(received_on, in_zone(now, booking.tradie.timezone).date())
    receipt = Receipt.objects.create(
        booking=booking,
        how=how,
        amount_cents=amount_cents,
        received_on=received_on,
        recorded_at=now,
        recorded_by=by.user,
        client_key=key,
    )
    restate(booking, now=now)
    _note(receipt, EventKind.RECEIVED, Change.PAYMENT_RECORDED, by, now)
    tell_received(receipt, now=now)
    webhook_events.tell_received(BALANCE_PAID, receipt, booking, now=now)
    return receipt


@transaction.atomic
def undo_receipt(receipt: Receipt, *, by: By, now: datetime) -> bool:
    """It was a mistake: that much is left to pay again. False: it was undone before."""
    booking = locked(receipt.booking)
    undone = Receipt.objects.filter(pk=receipt.pk, undone_at=None).update(undone_at=now, undone_by=by.user)
    if not undone:
        return False
    receipt.booking = booking
    restate(booking, now=now)
    _note(receipt, EventKind.RECEIPT_UNDONE, Change.PAYMENT_UNDONE, by, now)
    take_back_balance_paid(booking, now=now, payment_id=receipt.pk)
    webhook_events.tell_received(BALANCE_UNDONE, receipt, booking, now=now)
    return True


def _refuse_too_much(amount_cents: int, left_cents: int) -> None:
    if amount_cents <= 0:
        _refuse("amount_cents", "Write how much was paid.")
    if amount_cents > left_cents:
        left = f"Only {dollars(left_cents)} is left to pay." if left_cents else "Nothing is left to pay."
        _refuse("amount_cents", left)


def _refuse_odd_day(received_on: date, today: date) -> None:
    if not today - LONGEST_AGO <= received_on <= today:
        _refuse("received_on", "Choose the day on which it was paid: today or before.")


def _refuse(field: str, why: str) -> None:
    raise ValidationFailed(why, fields={field: [why]})


def _note(receipt: Receipt, kind: EventKind, change: Change, by: By, now: datetime) -> None:
    said = f"{dollars(receipt.amount_cents)}, {receipt.get_how_display().lower()}"
    record(receipt.booking, kind, by=by, now=now, detail=said)
    audit.note(receipt.booking.tradie_id, change, about=receipt.booking.reference, detail=said)
