"""Refunds that somebody of the business asks for, beside what the policy says; failed ones, once more; and those that
only they can send."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from bookings import messages
from bookings.actors import By
from bookings.models import Booking
from peepopay.errors import BookingNotChangeable, IdempotencyConflict, ValidationFailed
from peepopay.given_up import revive
from peepopay.money import dollars

from .allocation import allocate
from .disputes import REFUND_NOW
from .models import Payment, PaymentStatus, Refund, RefundOrigin, RefundStatus
from .refund_outcomes import NOT_ARRIVED, locked, note_sent_by_hand
from .refunds import request_refund

BY_HAND = "Refunded by the business"
ALREADY_ASKED = "That refund was asked for already, with another amount. Here is how the money stands now."


@transaction.atomic
def refund_by_hand(
    booking: Booking, amount_cents: int, *, note: str, key: UUID, by: By, now: datetime
) -> list[Refund]:
    """Ask for `amount_cents` of what was paid for a booking; the customer is told, with the `note`.

    `key` stands for one press of the button: with it, however often, this is one refund (a row per payment that it
    comes from). Raises ValidationFailed for more than is left, IdempotencyConflict for another amount under the key.
    """
    booking = (
        Booking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tradie")
        .get(pk=booking.pk)
    )
    asked = list(Refund.objects.filter(payment__booking=booking, client_key=key))
    if asked:
        if sum(refund.amount_cents for refund in asked) != amount_cents:
            raise IdempotencyConflict(ALREADY_ASKED)
        return asked
    paid = Payment.objects.filter(booking=booking, status=PaymentStatus.SUCCEEDED).order_by("-paid_at", "pk")
    payments = list(paid.select_for_update(no_key=True))
    _refuse_too_much(amount_cents, sum(payment.left_cents for payment in payments))
    return [
        _ask_for(payment, booking, part, note, by, now, client_key=key)
        for payment, part in allocate(amount_cents, payments)
    ]


def _refuse_too_much(amount_cents: int, left_cents: int) -> None:
    if amount_cents <= 0:
        _refuse("Write how much is to go back.")
    if not left_cents:
        _refuse("Nothing is left to give back.")
    if amount_cents > left_cents:
        _refuse(f"Only {dollars(left_cents)} is left to give back.")


def _refuse(why: str) -> None:
    raise ValidationFailed(why, fields={"amount_cents": [why]})


def _ask_for(
    payment: Payment,
    booking: Booking,
    cents: int,
    note: str,
    by: By,
    now: datetime,
    *,
    client_key: UUID | None = None,
    instead_of: Refund | None = None,
) -> Refund:
    payment.booking = booking
    reason = instead_of.reason if instead_of and instead_of.origin == RefundOrigin.OURS else BY_HAND
    more = {"client_key": client_key, "instead_of": instead_of}
    refund = request_refund(payment, cents, reason=reason, now=now, by=by, note=note, **more)
    messages.tell_refund_requested(booking, amount_cents=cents, note=note, now=now, refund_id=refund.pk)
    return refund


def may_be_sent_again(refund: Refund) -> bool:
    """It failed and not all went back in another way, was given up, or was called off by a dispute that has ended
    without the bank having the money. Whether there is another in its place already, `refund_again` looks."""
    is_free_again = refund.was_called_off and not refund.payment.disputed_cents
    given_up = bool(refund.dead_at and not refund.done_at)
    failed = refund.status == RefundStatus.FAILED and refund.payment.left_cents > 0
    return failed or given_up or is_free_again


@transaction.atomic
def refund_again(refund: Refund, *, by: By, now: datetime) -> Refund:
    """The same money once more: in a new row for one that failed or was called off, which stays as history. One that
    was given up is taken up again, since Stripe may have made it. Pressed twice, it is one.

    Raises BookingNotChangeable for a refund that is neither, ValidationFailed where less is left by now.
    """
    booking, payment, refund = locked(refund)
    if refund.dead_at and not refund.done_at:
        revive(Refund, [refund.pk], now=now)
        return refund
    if refund.status != RefundStatus.FAILED and not refund.was_called_off:
        raise BookingNotChangeable("This refund did not fail.")
    if again := Refund.objects.filter(instead_of=refund).first():
        return again
    _refuse_too_much(refund.amount_cents, payment.left_cents)
    about_it = Q(attention=NOT_ARRIVED) | Q(attention__endswith=REFUND_NOW)
    Payment.objects.filter(about_it, pk=payment.pk).update(attention="", seen_to_at=now)
    return _ask_for(payment, booking, refund.amount_cents, "", by, now, instead_of=refund)


@transaction.atomic
def note_sent(refund: Refund, *, by: By, now: datetime) -> bool:
    """The business has sent it in an account of its own that is out of our reach. Nobody can ask Stripe, so its word
    counts. False: it is no such refund, or was written down before."""
    booking, payment, refund = locked(refund)
    if not refund.is_out_of_reach:
        return False
    note_sent_by_hand(refund, payment, booking, by=by, now=now)
    return True
