"""Refunds of ours that Stripe has not made step back for one that it has: together they would be more than was paid."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from peepopay import outbox

from .models import Payment, Refund, RefundStatus


def make_room(payment: Payment, cents: int, *, now: datetime) -> bool:
    """For `cents` more that went back of a payment. It is locked, and as its row has it. False: there is no room.

    Those of which Stripe has not heard yet go first; one that is being asked for just now may get through.
    """
    over = cents - payment.left_cents
    waiting = Refund.objects.select_for_update(no_key=True).filter(
        payment=payment, status=RefundStatus.REQUESTED, stripe_id=None
    )
    for refund in waiting.order_by(F("asked_at").desc(nulls_first=True), "-created_at"):
        if over > 0:
            over -= _step_back(refund, over, now)
    return over <= 0


def _step_back(refund: Refund, over: int, now: datetime) -> int:
    """Call it off, and ask for what is left of it in a row of its own. Answers by how many cents less is promised."""
    rest = max(refund.amount_cents - over, 0)
    Refund.objects.filter(pk=refund.pk).update(status=RefundStatus.NOT_NEEDED)
    outbox.finish(refund, now=now)
    if rest:
        Refund.objects.create(
            payment_id=refund.payment_id,
            amount_cents=rest,
            reason=refund.reason,
            instead_of=refund,
            created_at=now,
            due_at=now,
        )
        outbox.announce()
    freed = refund.amount_cents - rest
    Payment.objects.filter(pk=refund.payment_id).update(reserved_cents=F("reserved_cents") - freed)
    return freed
