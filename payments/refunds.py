"""Money on its way back. Procedure 6 of docs/payments.md: the row first, then Stripe."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.audit_models import Change
from bookings import messages
from bookings.actors import SYSTEM
from bookings.lifecycle import record
from bookings.models import Booking, EventKind
from peepopay import outbox
from peepopay.money import dollars

from . import stripe_gateway, webhook_events
from .models import Payment, Refund, RefundStatus
from .stripe_answers import RefundAnswer
from .stripe_gateway import StripeRefused
from .webhook_events import REFUND_FAILED, REFUND_SENT

LOOK_AGAIN_AFTER = timedelta(hours=1)  # a refund that Stripe has accepted and not finished


def request_refund(payment: Payment, amount_cents: int, *, reason: str, now: datetime) -> Refund:
    """Promise money back, in the caller's transaction; a worker sends it. A CHECK refuses more than was paid."""
    Payment.objects.filter(pk=payment.pk).update(reserved_cents=F("reserved_cents") + amount_cents)
    payment.reserved_cents += amount_cents
    refund = Refund.objects.create(
        payment=payment, amount_cents=amount_cents, reason=reason, created_at=now, due_at=now
    )
    record(payment.booking, EventKind.REFUND_REQUESTED, by=SYSTEM, now=now, detail=dollars(amount_cents))
    about = payment.booking.reference
    audit.note(payment.booking.tradie_id, Change.REFUND_REQUESTED, about=about, detail=dollars(amount_cents))
    outbox.announce()
    return refund


def send_refund(refund: Refund, *, now: datetime) -> None:
    """Ask Stripe for the refund, or ask how it went; come back later if Stripe can't be asked."""
    try:
        answer = _ask(refund, now)
    except StripeRefused as refusal:
        _not_sent(refund, refusal, now)
    else:
        settle_refund(refund, answer, now=now)


def _ask(refund: Refund, now: datetime) -> RefundAnswer:
    """Stripe's word on the refund. Whoever asked for it before may have got it without learning so: look first."""
    payment = refund.payment
    assert payment.intent_id is not None
    if refund.stripe_id:
        return stripe_gateway.retrieve_refund(payment.account_id, refund.stripe_id)
    if refund.asked_at:
        made = stripe_gateway.find_refund(payment.account_id, payment.intent_id, str(refund.pk))
        if made:
            return made
    return _create(refund, payment, payment.intent_id, now)


def _create(refund: Refund, payment: Payment, intent_id: str, now: datetime) -> RefundAnswer:
    """Under the same key as long as Stripe may yet answer it, under a new one after a clear no and after an answer that
    Stripe would only repeat."""
    Refund.objects.filter(pk=refund.pk, asked_at=None).update(asked_at=now)
    try:
        return stripe_gateway.create_refund(
            payment.account_id,
            intent_id,
            amount_cents=refund.amount_cents,
            refund_fee=payment.fee_cents > 0,
            metadata={
                "refund_id": str(refund.pk),
                "booking_id": str(payment.booking_id),
                "reason": refund.reason,
            },
            key=f"pp-rf-{refund.pk}-{refund.tries}",
        )
    except StripeRefused as refusal:
        if refusal.key_spent or not refusal.retry_helps:
            Refund.objects.filter(pk=refund.pk).update(tries=F("tries") + 1)
        raise


def _not_sent(refund: Refund, refusal: StripeRefused, now: datetime) -> None:
    if not refusal.retry_helps:  # a clear no: the balance is too low, say
        Payment.objects.filter(pk=refund.payment_id).update(
            attention=f"Refund refused by Stripe: {refusal.code}"
        )
    outbox.retry_later(refund, refusal.code, now=now)


@transaction.atomic
def settle_refund(refund: Refund, answer: RefundAnswer, *, now: datetime) -> None:
    """Write down what Stripe says of the refund. `failed` can follow `succeeded`: the money never arrived."""
    booking = Booking.objects.select_for_update().get(pk=refund.payment.booking_id)
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    Refund.objects.filter(pk=refund.pk).update(stripe_id=answer.id)
    match answer.status, refund.status:
        case "succeeded", (RefundStatus.REQUESTED | RefundStatus.SUBMITTED):
            _change(
                refund,
                payment,
                RefundStatus.SUCCEEDED,
                reserved=-refund.amount_cents,
                refunded=refund.amount_cents,
            )
            outbox.finish(refund, now=now)
            record(booking, EventKind.REFUNDED, by=SYSTEM, now=now, detail=dollars(refund.amount_cents))
            webhook_events.tell_refund(REFUND_SENT, refund, booking, now=now)
            messages.tell_refund_sent(booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk)
        case (("failed" | "canceled"), RefundStatus.SUCCEEDED):
            _change(refund, payment, RefundStatus.FAILED, reserved=0, refunded=-refund.amount_cents)
            _tell_failed(refund, payment, booking, now)
        case (("failed" | "canceled"), (RefundStatus.REQUESTED | RefundStatus.SUBMITTED)):
            _change(refund, payment, RefundStatus.FAILED, reserved=-refund.amount_cents, refunded=0)
            outbox.finish(refund, now=now)
            _tell_failed(refund, payment, booking, now)
        case _, RefundStatus.REQUESTED:
            _change(refund, payment, RefundStatus.SUBMITTED, reserved=0, refunded=0)
            outbox.look_again(refund, due_at=now + LOOK_AGAIN_AFTER)
        case _, RefundStatus.SUBMITTED:
            outbox.look_again(refund, due_at=now + LOOK_AGAIN_AFTER)


def _change(refund: Refund, payment: Payment, status: RefundStatus, *, reserved: int, refunded: int) -> None:
    Refund.objects.filter(pk=refund.pk).update(status=status)
    Payment.objects.filter(pk=payment.pk).update(
        reserved_cents=F("reserved_cents") + reserved, refunded_cents=F("refunded_cents") + refunded
    )


def _tell_failed(refund: Refund, payment: Payment, booking: Booking, now: datetime) -> None:
    """A failed refund is never shown as sent: both sides hear of it and an operator sees it."""
    Payment.objects.filter(pk=payment.pk).update(attention="A refund failed; the customer has not got it.")
    record(booking, EventKind.REFUND_FAILED, by=SYSTEM, now=now, detail=dollars(refund.amount_cents))
    webhook_events.tell_refund(REFUND_FAILED, refund, booking, now=now)
    messages.tell_refund_failed(booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk)
