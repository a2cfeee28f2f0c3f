"""What Stripe says became of a refund, written down. Procedure 6 of docs/payments.md."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from bookings import messages
from bookings.actors import SYSTEM, By
from bookings.lifecycle import record
from bookings.message_kinds import ONE_MAIL_WITHIN
from bookings.models import Actor, Booking, EventKind
from peepopay import outbox
from peepopay.money import dollars

from . import webhook_events
from .models import Payment, Refund, RefundOrigin, RefundStatus
from .stepping_back import make_room
from .stripe_answers import RefundAnswer
from .webhook_events import REFUND_FAILED, REFUND_SENT

LOOK_AGAIN_AFTER = timedelta(hours=1)  # a refund that Stripe has accepted and not finished
UNDER_WAY = (RefundStatus.REQUESTED, RefundStatus.SUBMITTED)
TOO_LOW = "insufficient_funds", "balance_insufficient"  # Stripe's words, as the code of a no or why it waits
REFUSED = "Refund refused by Stripe"
NOT_ARRIVED = "A refund failed; the customer has not got it."


def locked(refund: Refund) -> tuple[Booking, Payment, Refund]:
    """The same, locked in the order in which everybody locks; in the caller's transaction."""
    booking = Booking.objects.select_for_update(no_key=True).get(pk=refund.payment.booking_id)
    payment = Payment.objects.select_for_update(no_key=True).get(pk=refund.payment_id)
    return booking, payment, Refund.objects.select_for_update(no_key=True).get(pk=refund.pk)


@transaction.atomic
def settle_refund(refund: Refund, answer: RefundAnswer, *, now: datetime) -> None:
    """Write down what Stripe says of the refund. `failed` can follow `succeeded`: the money never arrived."""
    booking, payment, refund = locked(refund)
    if refund.stripe_id != answer.id:
        Refund.objects.filter(pk=refund.pk).update(stripe_id=answer.id)
    match answer.status, refund.status:
        case "succeeded", (RefundStatus.REQUESTED | RefundStatus.SUBMITTED):
            _move(refund, payment, RefundStatus.SUCCEEDED, reserved=-1, refunded=+1)
            outbox.finish(refund, now=now)
            tell_sent(refund, booking, now)
        case (
            "succeeded",
            RefundStatus.NOT_NEEDED,
        ):  # it was being asked for when it was called off, and fitted
            if not make_room(payment, refund.amount_cents, now=now):
                return ask_for_a_person(
                    payment, f"Stripe made refund {answer.id}, which had been called off."
                )
            _move(refund, payment, RefundStatus.SUCCEEDED, reserved=0, refunded=+1)
            tell_sent(refund, booking, now)
        case (("failed" | "canceled"), RefundStatus.SUCCEEDED):
            _move(refund, payment, RefundStatus.FAILED, reserved=0, refunded=-1)
            _tell_failed(refund, payment, booking, answer, now)
        case (("failed" | "canceled"), (RefundStatus.REQUESTED | RefundStatus.SUBMITTED)):
            _move(refund, payment, RefundStatus.FAILED, reserved=-1, refunded=0)
            outbox.finish(refund, now=now)
            _tell_failed(refund, payment, booking, answer, now)
        case _, (RefundStatus.REQUESTED | RefundStatus.SUBMITTED):
            Refund.objects.filter(pk=refund.pk).update(status=RefundStatus.SUBMITTED)
            outbox.look_again(refund, due_at=now + LOOK_AGAIN_AFTER)
            if answer.why in TOO_LOW:
                tell_too_low(refund, booking, now)
    return None


def _move(refund: Refund, payment: Payment, status: RefundStatus, *, reserved: int, refunded: int) -> None:
    """`reserved`, `refunded`: how often its amount is added to those of its payment."""
    Refund.objects.filter(pk=refund.pk).update(status=status)
    Payment.objects.filter(pk=payment.pk).update(
        reserved_cents=F("reserved_cents") + reserved * refund.amount_cents,
        refunded_cents=F("refunded_cents") + refunded * refund.amount_cents,
    )


def note_sent_by_hand(refund: Refund, payment: Payment, booking: Booking, *, by: By, now: datetime) -> None:
    """Its business says so. In the caller's transaction, all of it locked. Should Stripe tell us of it one day, it is
    the same (`external_refunds.py`)."""
    _move(refund, payment, RefundStatus.SUCCEEDED, reserved=-1, refunded=+1)
    outbox.finish(refund, now=now)
    tell_sent(refund, booking, now, by=by)


def tell_sent(refund: Refund, booking: Booking, now: datetime, *, by: By = SYSTEM) -> None:
    """History, the business's own systems, the customer; in the caller's transaction. A customer who read a minute ago
    that it goes back is not told again. Whoever was asked about a refund that was refused, or about one that failed of
    money that has gone back whole by now, need not look any more."""
    over = Q(attention__startswith=REFUSED) | Q(attention=NOT_ARRIVED, refunded_cents=F("amount_cents"))
    Payment.objects.filter(over, pk=refund.payment_id).update(attention="")
    amount = dollars(refund.amount_cents)
    if refund.origin == RefundOrigin.EXTERNAL:
        amount, by = f"{amount}, made in the Stripe dashboard", By(Actor.TRADIE)
    record(booking, EventKind.REFUNDED, by=by, now=now, detail=amount)
    webhook_events.tell_refund(REFUND_SENT, refund, booking, now=now)
    if not (refund.told_when_asked and now - refund.created_at <= ONE_MAIL_WITHIN):
        messages.tell_refund_sent(booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk)


def _tell_failed(
    refund: Refund, payment: Payment, booking: Booking, answer: RefundAnswer, now: datetime
) -> None:
    """A failed refund is never shown as sent: both sides hear of it and an operator sees it."""
    ask_for_a_person(payment, NOT_ARRIVED)
    record(booking, EventKind.REFUND_FAILED, by=SYSTEM, now=now, detail=dollars(refund.amount_cents))
    webhook_events.tell_refund(REFUND_FAILED, refund, booking, now=now)
    messages.tell_refund_failed(booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk)


def tell_too_low(refund: Refund, booking: Booking, now: datetime) -> None:
    """The tradie must add funds; said once, in the caller's transaction."""
    if Refund.objects.filter(pk=refund.pk, short_since=None).update(short_since=now):
        messages.tell_balance_too_low(booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk)


def ask_for_a_person(payment: Payment, why: str) -> None:
    Payment.objects.filter(pk=payment.pk).update(attention=why)
