"""Money on its way back. Procedure 6 of docs/payments.md: the row first, then Stripe."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.audit_models import Change
from bookings import messages
from bookings.actors import SYSTEM, By
from bookings.lifecycle import record
from bookings.models import EventKind
from peepopay import outbox
from peepopay.money import dollars

from . import connected_accounts, stripe_gateway, stripe_lists
from .disputes import call_off_disputed, compare_disputes
from .external_refunds import compare_refunds
from .models import OUT_OF_REACH, Payment, Refund, RefundStatus
from .refund_outcomes import REFUSED, TOO_LOW, ask_for_a_person, locked, settle_refund, tell_too_low
from .stripe_answers import RefundAnswer
from .stripe_gateway import StripeRefused

ASK_AGAIN_AFTER = timedelta(hours=6)  # where the account's balance is too low
WAITS_FOR_FUNDS = timedelta(days=14)


def request_refund(
    payment: Payment,
    amount_cents: int,
    *,
    reason: str,
    now: datetime,
    by: By = SYSTEM,
    note: str = "",
    **more: Any,
) -> Refund:
    """Promise money back, in the caller's transaction; a worker sends it. A CHECK refuses more than was paid.

    `reason` is for the books and goes to Stripe; `note` is what `by` wrote, for the booking's history; `more` goes into
    the row. `payment` has its booking loaded.
    """
    Payment.objects.filter(pk=payment.pk).update(reserved_cents=F("reserved_cents") + amount_cents)
    payment.reserved_cents += amount_cents
    refund = Refund.objects.create(
        payment=payment, amount_cents=amount_cents, reason=reason, created_at=now, due_at=now, **more
    )
    amount, booking = dollars(amount_cents), payment.booking
    detail = f"{amount}: {note}" if note else amount
    record(booking, EventKind.REFUND_REQUESTED, by=by, now=now, detail=detail)
    audit.note(booking.tradie_id, Change.REFUND_REQUESTED, about=booking.reference, detail=amount)
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
        of_intent = stripe_lists.list_refunds(payment.account_id, payment_intent=payment.intent_id)
        for made in of_intent:
            if made.metadata.get("refund_id") == str(refund.pk):
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
    """Nobody answered, or Stripe said no: perhaps because the money had gone back in another way."""
    if refusal.retry_helps:
        outbox.retry_later(refund, refusal.code, now=now)
    elif refusal.code in TOO_LOW:
        _too_low(refund, refusal, now)
    else:
        _look_why(refund, refusal, now)


def _look_why(refund: Refund, refusal: StripeRefused, now: datetime) -> None:
    """What Stripe has of the intent decides; if that doesn't explain the no, a person must."""
    try:
        if connected_accounts.turns_out_of_reach(refund.payment.account_id, refusal, now=now):
            return _out_of_reach(refund, now)
        compare_refunds(refund.payment, now=now)
        if refusal.code == "charge_disputed":
            compare_disputes(refund.payment, now=now)
            if call_off_disputed(refund, now=now):
                return None
    except StripeRefused as problem:
        if problem.retry_helps:
            return outbox.retry_later(refund, problem.code, now=now)
    refund.refresh_from_db(fields=["status"])
    if refund.status == RefundStatus.REQUESTED:
        ask_for_a_person(refund.payment, f"{REFUSED}: {refusal.code}")
        outbox.retry_later(refund, refusal.code, now=now)
    return None


@transaction.atomic
def _out_of_reach(refund: Refund, now: datetime) -> None:
    """Only its business can send it, and is told once how. What Stripe has accepted it sends by itself."""
    booking, _, refund = locked(refund)
    outbox.bury(refund, OUT_OF_REACH, now=now)
    if refund.status == RefundStatus.REQUESTED:
        messages.tell_refund_out_of_reach(
            booking, amount_cents=refund.amount_cents, now=now, refund_id=refund.pk
        )


@transaction.atomic
def _too_low(refund: Refund, refusal: StripeRefused, now: datetime) -> None:
    """Only its tradie can help, and that takes days."""
    booking, payment, _ = locked(refund)
    tell_too_low(refund, booking, now)
    if now - refund.created_at < WAITS_FOR_FUNDS:
        outbox.look_again(refund, due_at=now + ASK_AGAIN_AFTER)
    else:
        ask_for_a_person(payment, "The account's balance stays too low for a refund.")
        outbox.retry_later(refund, refusal.code, now=now)
