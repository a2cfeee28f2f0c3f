"""Money that came in cash, by transfer or over the business's own terminal, and what was handed back of it: written
down, and undone where it was a mistake."""

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
from payments.bills import Standing, standing_of
from payments.webhook_events import BALANCE_GIVEN_BACK, BALANCE_PAID, BALANCE_UNDONE
from peepopay.errors import BookingNotChangeable, ValidationFailed
from peepopay.local_time import in_zone
from peepopay.money import dollars

from . import webhook_events
from .invoice_messages import tell_received
from .invoice_models import How, Receipt
from .invoices import elsewhere_cents, locked, restate

NOT_INVOICED = "Say first what the job came to."
HANDED_BACK = "A part of it is written down as handed back. Undo that first."
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


def to_hand_back_cents(standing: Standing | None) -> int:
    """What was paid too much, as far as it came without us: what came by card goes back to the card."""
    return min(standing.over_cents, standing.elsewhere_cents) if standing else 0


@transaction.atomic
def record_given_back(
    booking: Booking, amount_cents: int, *, how: How, given_on: date, key: UUID, by: By, now: datetime
) -> Receipt:
    """Write down that so much of what was paid too much was handed back. `key` as above. Raises ValidationFailed."""
    booking = locked(booking)
    if before := Receipt.objects.filter(booking=booking, client_key=key).first():
        return before
    over_cents = to_hand_back_cents(standing_of(booking))
    if amount_cents <= 0:
        _refuse("amount_cents", "Write how much you handed back.")
    if amount_cents > over_cents:
        over = f"Only {dollars(over_cents)} is too much." if over_cents else "Nothing is to be handed back."
        _refuse("amount_cents", over)
    return _write_down(booking, amount_cents, how, given_on, key, by, now, is_given_back=True)


@transaction.atomic
def record_deposit(
    booking: Booking, amount_cents: int, *, how: How, received_on: date, key: UUID, by: By, now: datetime
) -> Receipt:
    """The same of what was paid before the job: it counts towards the invoice once there is one. In the transaction
    that makes the booking."""
    return _write_down(booking, amount_cents, how, received_on, key, by, now)


def _write_down(
    booking: Booking,
    amount_cents: int,
    how: How,
    received_on: date,
    key: UUID,
    by: By,
    now: datetime,
    *,
    is_given_back: bool = False,
) -> Receipt:
    _refuse_odd_day(received_on, in_zone(now, booking.tradie.timezone).date())
    receipt = Receipt.objects.create(
        booking=booking,
        how=how,
        amount_cents=amount_cents,
        is_given_back=is_given_back,
        received_on=received_on,
        recorded_at=now,
        recorded_by=by.user,
        client_key=key,
    )
    restate(booking, now=now)
    _note(receipt, EventKind.RECEIVED, Change.PAYMENT_RECORDED, by, now)
    if is_given_back:  # into their hand: they have no need of a mail
        webhook_events.tell_received(BALANCE_GIVEN_BACK, receipt, booking, now=now)
        return receipt
    tell_received(receipt, now=now)
    webhook_events.tell_received(BALANCE_PAID, receipt, booking, now=now)
    return receipt


@transaction.atomic
def undo_receipt(receipt: Receipt, *, by: By, now: datetime) -> bool:
    """It was a mistake: that much is left to pay again, or was not handed back. False: it was undone before.

    Raises BookingNotChangeable for what was handed back since.
    """
    booking = locked(receipt.booking)
    undone = Receipt.objects.filter(pk=receipt.pk, undone_at=None).update(undone_at=now, undone_by=by.user)
    if not undone:
        return False
    if elsewhere_cents(booking) < 0:
        raise BookingNotChangeable(HANDED_BACK)
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
        _refuse(
            "received_on",
            "Choose the day on which the money changed hands: today or before, and within the last year.",
        )


def _refuse(field: str, why: str) -> None:
    raise ValidationFailed(why, fields={field: [why]})


def _note(receipt: Receipt, kind: EventKind, change: Change, by: By, now: datetime) -> None:
    way = " handed back" if receipt.is_given_back else ""
    said = f"{dollars(receipt.amount_cents)}{way}, {receipt.get_how_display().lower()}"
    record(receipt.booking, kind, by=by, now=now, detail=said)
    audit.note(receipt.booking.tradie_id, change, about=receipt.booking.reference, detail=said)
