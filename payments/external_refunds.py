"""Refunds that nobody asked us for: made in the tradie's own Stripe dashboard, or by Stripe. What Stripe has of an
intent is compared with our rows, and what we didn't know becomes a row. Procedure 6 of docs/payments.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.audit_models import Change
from bookings.models import Booking
from peepopay.money import dollars

from . import stripe_lists
from .models import Payment, PaymentStatus, Refund, RefundOrigin, RefundStatus
from .refund_outcomes import LOOK_AGAIN_AFTER, ask_for_a_person, settle_refund, tell_sent
from .stepping_back import make_room
from .stripe_answers import RefundAnswer

MADE_IN_STRIPE = "Refunded in the Stripe dashboard"
NEVER_MOVED_MONEY = ("failed", "canceled")


def compare_refunds(payment: Payment, *, now: datetime) -> None:
    """Ask Stripe for all refunds of a payment and act on what is new. Raises StripeRefused."""
    assert payment.intent_id is not None
    made = list(stripe_lists.list_refunds(payment.account_id, payment_intent=payment.intent_id))
    note_refunds(payment, made, now=now)


def note_refunds(payment: Payment, made: Iterable[RefundAnswer], *, now: datetime) -> None:
    """Act on refunds of `payment` that Stripe has, however often."""
    ours = list(Refund.objects.select_related("payment").filter(payment=payment))
    known = {refund.stripe_id: refund for refund in ours if refund.stripe_id}
    asked_for = {str(refund.pk): refund for refund in ours}
    for answer in made:
        refund = known.get(answer.id) or asked_for.get(answer.metadata.get("refund_id", ""))
        if refund is None:
            _note_unknown(payment, answer, now)
        elif not _is_as_told(refund, answer):
            settle_refund(refund, answer, now=now)


def _is_as_told(refund: Refund, answer: RefundAnswer) -> bool:
    """Most are, and need no lock."""
    return answer.status == refund.status or (
        answer.status in NEVER_MOVED_MONEY and refund.status == RefundStatus.FAILED
    )


@transaction.atomic
def _note_unknown(payment: Payment, answer: RefundAnswer, now: datetime) -> None:
    """It becomes a row, unless it came to nothing before we heard of it."""
    if answer.status in NEVER_MOVED_MONEY:
        return None
    booking = Booking.objects.select_for_update(no_key=True).get(pk=payment.booking_id)
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if payment.status != PaymentStatus.SUCCEEDED:  # as far as we know: then it is looked at again
        return None
    if Refund.objects.filter(stripe_id=answer.id).exists():  # somebody else met it meanwhile
        return None
    if known := _sent_by_hand(payment, answer):
        Refund.objects.filter(pk=known.pk).update(stripe_id=answer.id)
        return None
    if not make_room(payment, answer.amount_cents, now=now):
        return ask_for_a_person(payment, f"Stripe has a refund {answer.id} of more than was left.")
    is_sent = answer.status == RefundStatus.SUCCEEDED
    refund = Refund.objects.create(
        payment=payment,
        status=RefundStatus.SUCCEEDED if is_sent else RefundStatus.SUBMITTED,
        origin=RefundOrigin.EXTERNAL,
        amount_cents=answer.amount_cents,
        reason=MADE_IN_STRIPE,
        stripe_id=answer.id,
        created_at=now,
        due_at=now + LOOK_AGAIN_AFTER,
        done_at=now if is_sent else None,
    )
    column = "refunded_cents" if is_sent else "reserved_cents"
    Payment.objects.filter(pk=payment.pk).update(**{column: F(column) + answer.amount_cents})
    amount = dollars(answer.amount_cents)
    audit.note(
        booking.tradie_id, Change.REFUND_REQUESTED, about=booking.reference, detail=f"{amount}, in Stripe"
    )
    if is_sent:
        tell_sent(refund, booking, now)
    return None


def _sent_by_hand(payment: Payment, answer: RefundAnswer) -> Refund | None:
    """One that its business said it had sent, while its account was out of our reach (`refunds_by_hand.note_sent`)."""
    told = Refund.objects.filter(payment=payment, status=RefundStatus.SUCCEEDED, stripe_id=None)
    return told.filter(amount_cents=answer.amount_cents).first()
