"""All of an account's money of the last days at Stripe, against our rows. Procedure 8 of docs/payments.md.

Webhooks, syncs and sweeps repair what they meet within half an hour. What still differs after that is a row, which a
person sees until it is found to be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from . import fee_comparison, payouts, rounds, stripe_lists
from .discrepancy_models import Difference, Discrepancy, DiscrepancyKind
from .models import ConnectedAccount, Dispute, Payment, PaymentStatus, Refund, RefundStatus
from .stripe_answers import RefundAnswer
from .stripe_gateway import CLOCKS_DIFFER
from .stripe_lists import DisputeAnswer, IntentFacts

LOOKED_BACK = timedelta(days=3)
FARTHEST_BACK = timedelta(days=60)  # for a difference that stays
SETTLED_WITHIN = timedelta(minutes=30)
EVERY = timedelta(hours=20)
MOST_AT_ONCE = 100
# By Stripe's word for an intent, what its row may be.
AGREES = {
    "succeeded": {PaymentStatus.SUCCEEDED},
    "canceled": {PaymentStatus.CANCELED},
    "processing": {PaymentStatus.OPEN, PaymentStatus.PROCESSING},
    "requires_capture": {PaymentStatus.AUTHORISED},
}
WAITS = {PaymentStatus.NEW, PaymentStatus.OPEN, PaymentStatus.PROCESSING}


def compare_all(*, now: datetime) -> int:
    """The nightly sweep over all accounts that ever took money, first those never compared, then those longest ago;
    returns how many were compared."""
    paid = Payment.objects.filter(account_id=OuterRef("account_id"))
    due = ConnectedAccount.objects.filter(
        Exists(paid), Q(compare_asked_at=None) | Q(compare_asked_at__lt=now - EVERY)
    ).order_by(F("compare_asked_at").asc(nulls_first=True))

    def compare_one(account: ConnectedAccount) -> bool:
        compare(account.account_id, now=now)
        return True

    return rounds.each(list(due[:MOST_AT_ONCE]), compare_one)


def compare(account_id: str, *, now: datetime) -> list[Difference]:
    """Compare one account and write down what differs; what no longer does is resolved. Raises StripeRefused."""
    accounts = ConnectedAccount.objects.filter(account_id=account_id)
    accounts.update(compare_asked_at=now)
    since, until = _since(account_id, now), now - SETTLED_WITHIN
    found = [
        difference
        for differences in (_payments, _refunds, _disputes, payouts.differences)
        for difference in differences(account_id, since)
        if difference.about_at < until
    ]
    _write_down(account_id, found, now)
    accounts.update(compared_at=now)
    return found


def _since(account_id: str, now: datetime) -> datetime:
    """Far enough back to see whether every open difference is right by now."""
    still_open = Discrepancy.objects.filter(account_id=account_id, resolved_at=None)
    oldest = still_open.order_by("about_at").values_list("about_at", flat=True).first()
    return max(min(now - LOOKED_BACK, oldest or now), now - FARTHEST_BACK)


def _payments(account_id: str, since: datetime) -> Iterator[Difference]:
    intents = [facts for facts in stripe_lists.list_intents(account_id, since=since) if facts.payment_id]
    by_intent = {
        payment.intent_id: payment
        for payment in Payment.objects.filter(
            account_id=account_id, intent_id__in=[facts.id for facts in intents]
        )
    }
    for facts in intents:
        yield from _payment(facts, by_intent.get(facts.id))
    listed = {facts.id for facts in intents}
    ours = Payment.objects.filter(
        account_id=account_id, created_at__gt=since + CLOCKS_DIFFER, intent_id__isnull=False
    )
    for payment in ours.exclude(intent_id__in=listed):
        kind = DiscrepancyKind.PAYMENT_MISSING
        yield Difference(kind, payment.intent_id or "", payment, "", payment.status, payment.created_at)


def _payment(facts: IntentFacts, payment: Payment | None) -> Iterator[Difference]:
    if payment is None:
        if facts.status in ("succeeded", "requires_capture", "processing"):
            at_stripe = f"{facts.status}, {facts.amount_cents} cents, payment {facts.payment_id}"
            kind = DiscrepancyKind.PAYMENT_UNKNOWN
            yield Difference(kind, facts.id, None, at_stripe, "", facts.created_at)
        return
    if payment.status not in AGREES.get(facts.status, WAITS):
        kind = DiscrepancyKind.PAYMENT_STATUS
        yield Difference(kind, facts.id, payment, facts.status, payment.status, facts.created_at)
    if (facts.amount_cents, facts.fee_cents) != (payment.amount_cents, payment.fee_cents):
        yield Difference(
            DiscrepancyKind.PAYMENT_AMOUNT,
            facts.id,
            payment,
            f"{facts.amount_cents} cents, fee {facts.fee_cents}",
            f"{payment.amount_cents} cents, fee {payment.fee_cents}",
            facts.created_at,
        )


def _refunds(account_id: str, since: datetime) -> Iterator[Difference]:
    made = list(stripe_lists.list_refunds_with_fees(account_id, since=since))
    payments = _by_intent(account_id, {answer.intent_id for answer in made})
    yield from fee_comparison.differences(made, payments)
    ours = {refund.stripe_id: refund for refund in Refund.objects.filter(stripe_id__in=[r.id for r in made])}
    for answer in made:
        if payment := payments.get(answer.intent_id):
            yield from _refund(answer, payment, ours.get(answer.id))


def _refund(answer: RefundAnswer, payment: Payment, refund: Refund | None) -> Iterator[Difference]:
    came_to_nothing = answer.status in ("failed", "canceled")
    at_stripe = f"{answer.status}, {answer.amount_cents} cents"
    if refund is None:
        if not came_to_nothing:
            kind = DiscrepancyKind.REFUND_UNKNOWN
            yield Difference(kind, answer.id, payment, at_stripe, "", answer.created_at)
        return
    agrees = {
        "succeeded": {RefundStatus.SUCCEEDED},
        "failed": {RefundStatus.FAILED},
        "canceled": {RefundStatus.FAILED},
    }.get(answer.status, {RefundStatus.REQUESTED, RefundStatus.SUBMITTED})
    if refund.status not in agrees or refund.amount_cents != answer.amount_cents:
        in_our_rows = f"{refund.status}, {refund.amount_cents} cents"
        kind = DiscrepancyKind.REFUND_STATUS
        yield Difference(kind, answer.id, payment, at_stripe, in_our_rows, answer.created_at)


def _disputes(account_id: str, since: datetime) -> Iterator[Difference]:
    made = list(stripe_lists.list_disputes(account_id, created={"gte": int(since.timestamp())}))
    payments = _by_intent(account_id, {answer.intent_id for answer in made})
    ours = {row.stripe_id: row for row in Dispute.objects.filter(stripe_id__in=[d.id for d in made])}
    for answer in made:
        if payment := payments.get(answer.intent_id):
            yield from _dispute(answer, payment, ours.get(answer.id))


def _dispute(answer: DisputeAnswer, payment: Payment, dispute: Dispute | None) -> Iterator[Difference]:
    if dispute is None:
        kind = DiscrepancyKind.DISPUTE_UNKNOWN
        yield Difference(kind, answer.id, payment, answer.status, "", answer.opened_at)
    elif (dispute.status, dispute.amount_cents) != (answer.status, answer.amount_cents):
        kind, told = DiscrepancyKind.DISPUTE_STATUS, f"{answer.status}, {answer.amount_cents} cents"
        ours = f"{dispute.status}, {dispute.amount_cents} cents"
        yield Difference(kind, answer.id, payment, told, ours, answer.opened_at)


def _by_intent(account_id: str, intent_ids: set[str]) -> dict[str, Payment]:
    rows = Payment.objects.filter(account_id=account_id, intent_id__in=intent_ids)
    return {payment.intent_id or "": payment for payment in rows}


@transaction.atomic
def _write_down(account_id: str, found: list[Difference], now: datetime) -> None:
    still_open = Discrepancy.objects.select_for_update().filter(account_id=account_id, resolved_at=None)
    before = {(row.kind, row.object_id): row for row in still_open}
    for difference in found:
        row = before.pop((difference.kind, difference.object_id), None)
        told = {"at_stripe": difference.at_stripe[:200], "in_our_rows": difference.in_our_rows[:200]}
        if row:
            Discrepancy.objects.filter(pk=row.pk).update(**told)
        else:
            Discrepancy.objects.create(
                account_id=account_id,
                kind=difference.kind,
                object_id=difference.object_id,
                payment=difference.payment,
                about_at=difference.about_at,
                found_at=now,
                **told,
            )
    Discrepancy.objects.filter(pk__in=[row.pk for row in before.values()]).update(resolved_at=now)
