"""Disputes: what Stripe says of them is written down, the business is told, and nothing is refunded out of money that
the bank has taken. Procedure 10 of docs/payments.md."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from bookings.actors import SYSTEM
from bookings.lifecycle import record
from bookings.models import Booking, EventKind
from peepopay import outbox
from peepopay.lookups import only
from peepopay.money import dollars

from . import dispute_messages, rounds, stripe_lists, webhook_events
from .dispute_models import CLOSED, NEEDS_AN_ANSWER, ORDER, TAKES_THE_MONEY, Dispute, DisputeStatus
from .models import CALLED_OFF, ConnectedAccount, Payment, PaymentStatus, Refund, RefundStatus
from .refund_outcomes import ask_for_a_person, locked
from .stripe_lists import DisputeAnswer

logger = logging.getLogger(__name__)
LOOKED_BACK = timedelta(days=180)  # a bank may take months to decide
EVERY = timedelta(hours=6)
MOST_AT_ONCE = 100
REFUND_NOW = "Refund it now?"
PROMISED = f"{{}}; {{}} had been promised back before it. {REFUND_NOW}"
ENDED = {  # with the money where it was
    DisputeStatus.WON: "Dispute won",
    DisputeStatus.PREVENTED: "Dispute prevented",
    DisputeStatus.WARNING_CLOSED: "The bank's question is closed",
}
REFUSED = "Because of a dispute Stripe sends nothing back now; {} had been promised."


def compare_disputes(payment: Payment, *, now: datetime) -> None:
    """Ask Stripe for the disputes of a payment and write down what is new. Raises StripeRefused."""
    answers = list(stripe_lists.list_disputes(payment.account_id, payment_intent=payment.intent_id))
    note_disputes(payment, answers, now=now)


def note_disputes(payment: Payment, answers: Iterable[DisputeAnswer], *, now: datetime) -> None:
    """Write down disputes of `payment` as Stripe has them, however often."""
    known = {dispute.stripe_id: dispute for dispute in Dispute.objects.filter(payment=payment)}
    for answer in answers:
        if answer.status not in DisputeStatus.values:
            ask_for_a_person(payment, f"Stripe has dispute {answer.id} as {answer.status}.")
        elif not _is_as_told(known.get(answer.id), answer):
            _note(payment, answer, now)


def _is_as_told(dispute: Dispute | None, answer: DisputeAnswer) -> bool:
    """Most are, and need no lock."""
    return dispute is not None and _facts(answer) == {name: getattr(dispute, name) for name in _facts(answer)}


def _facts(answer: DisputeAnswer) -> dict[str, object]:
    return {
        "status": answer.status,
        "amount_cents": answer.amount_cents,
        "reason": answer.reason[:100],
        "evidence_due_by": answer.evidence_due_by,
        "evidence_sent": answer.evidence_sent,
    }


@transaction.atomic
def _note(payment: Payment, answer: DisputeAnswer, now: datetime) -> None:
    booking = (
        Booking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tradie")
        .get(pk=payment.booking_id)
    )
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    before = only(Dispute.objects.select_for_update(no_key=True).filter(stripe_id=answer.id))
    if before and ORDER.index(DisputeStatus(answer.status)) < ORDER.index(DisputeStatus(before.status)):
        return  # an answer from before
    closed_at = ((before and before.closed_at) or now) if answer.status in CLOSED else None
    facts = {**_facts(answer), "closed_at": closed_at, "checked_at": now}
    dispute, _ = Dispute.objects.update_or_create(
        stripe_id=answer.id,
        defaults=facts,
        create_defaults={**facts, "payment": payment, "opened_at": answer.opened_at},
    )
    dispute.payment = payment
    _take(payment, now)
    if before is None:
        _opened(dispute, booking, now)
    if dispute.is_closed and not (before and before.is_closed):
        _closed(dispute, booking, now)


def _take(payment: Payment, now: datetime) -> None:
    """Remember what the bank has of the payment, and call off refunds that could only be refused."""
    taking = Dispute.objects.filter(payment=payment, status__in=TAKES_THE_MONEY)
    taken = taking.aggregate(cents=Sum("amount_cents"))["cents"] or 0
    payment.disputed_cents = min(taken, payment.amount_cents)
    Payment.objects.filter(pk=payment.pk).update(disputed_cents=payment.disputed_cents)
    if payment.disputed_cents:
        for refund in Refund.objects.select_for_update(no_key=True).filter(
            payment=payment, status=RefundStatus.REQUESTED, stripe_id=None, asked_at=None
        ):
            call_off(refund, now=now)


@transaction.atomic
def call_off_disputed(refund: Refund, *, now: datetime) -> bool:
    """Stripe refuses it because of a dispute: whether that is so, by our rows, and it is called off. Where the bank has
    not taken the money, be it that the business has won, a person is asked to settle what was promised."""
    _, payment, refund = locked(refund)
    if refund.status != RefundStatus.REQUESTED or not Dispute.objects.filter(payment=payment).exists():
        return False
    call_off(refund, now=now)
    if not payment.disputed_cents:
        is_won = Dispute.objects.filter(payment=payment, status=DisputeStatus.WON).exists()
        amount = dollars(refund.amount_cents)
        said = PROMISED.format(ENDED[DisputeStatus.WON], amount) if is_won else REFUSED.format(amount)
        ask_for_a_person(payment, said)
    return True


def call_off(refund: Refund, *, now: datetime) -> None:
    """In the caller's transaction, its payment locked: the bank decides where the money goes."""
    Refund.objects.filter(pk=refund.pk).update(status=RefundStatus.NOT_NEEDED)
    outbox.finish(refund, now=now, last_error=CALLED_OFF)
    Payment.objects.filter(pk=refund.payment_id).update(
        reserved_cents=F("reserved_cents") - refund.amount_cents
    )


def _opened(dispute: Dispute, booking: Booking, now: datetime) -> None:
    record(booking, EventKind.DISPUTED, by=SYSTEM, now=now, detail=dollars(dispute.amount_cents))
    webhook_events.tell_dispute(webhook_events.DISPUTE_OPENED, dispute, booking, now=now)
    if not dispute.is_closed:
        dispute_messages.tell_opened(dispute, booking, now=now)


def _closed(dispute: Dispute, booking: Booking, now: datetime) -> None:
    detail = f"{dispute.get_status_display()}: {dollars(dispute.amount_cents)}"
    record(booking, EventKind.DISPUTE_CLOSED, by=SYSTEM, now=now, detail=detail)
    webhook_events.tell_dispute(webhook_events.DISPUTE_CLOSED, dispute, booking, now=now)
    dispute_messages.tell_closed(dispute, booking, now=now)
    if owed := dispute.promised_cents:
        ended = ENDED[DisputeStatus(dispute.status)]
        ask_for_a_person(dispute.payment, PROMISED.format(ended, dollars(owed)))


def look_for_disputes(*, now: datetime) -> int:
    """The sweep over each account's disputes of the last months, for events that were lost; returns how many accounts
    it got an answer for. Those never looked at come first, then those longest ago."""

    def look_at(account: ConnectedAccount) -> bool:
        ConnectedAccount.objects.filter(pk=account.pk).update(disputes_checked_at=now)  # whatever happens
        _compare(account.account_id, now)
        return True

    return rounds.each(list(_due(now)[:MOST_AT_ONCE]), look_at)


def _due(now: datetime) -> QuerySet[ConnectedAccount]:
    paid = Payment.objects.filter(account_id=OuterRef("account_id"), status=PaymentStatus.SUCCEEDED)
    return ConnectedAccount.objects.filter(
        Exists(paid), Q(disputes_checked_at=None) | Q(disputes_checked_at__lt=now - EVERY)
    ).order_by(F("disputes_checked_at").asc(nulls_first=True), "pk")


def _compare(account_id: str, now: datetime) -> None:
    by_intent: defaultdict[str, list[DisputeAnswer]] = defaultdict(list)
    since = int((now - LOOKED_BACK).timestamp())
    for answer in stripe_lists.list_disputes(account_id, created={"gte": since}):
        by_intent[answer.intent_id].append(answer)
    for payment in Payment.objects.filter(account_id=account_id, intent_id__in=by_intent):
        note_disputes(payment, by_intent[payment.intent_id or ""], now=now)


def disputes_of(booking: Booking) -> QuerySet[Dispute]:
    """Of all its payments, newest first."""
    return Dispute.objects.filter(payment__booking=booking)


def to_answer(bookings: QuerySet[Booking]) -> QuerySet[Dispute]:
    """Those of these bookings that wait for the business's answer, the most urgent first; bookings loaded."""
    waiting = Dispute.objects.filter(payment__booking__in=bookings, status__in=NEEDS_AN_ANSWER)
    return waiting.select_related("payment__booking").order_by(F("evidence_due_by").asc(nulls_last=True))
