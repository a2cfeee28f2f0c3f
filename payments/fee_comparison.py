"""Whether PeepoPay's fee came back with what went back to customers. Procedures 6 and 8 of docs/payments.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from . import stripe_fees, stripe_lists
from .discrepancy_models import Difference, DiscrepancyKind
from .models import Payment, Refund, RefundOrigin, RefundStatus
from .stripe_answers import RefundAnswer


def differences(made: Iterable[RefundAnswer], payments: Mapping[str, Payment]) -> Iterator[Difference]:
    """Of refunds that Stripe has, by the payments of their intents: where less of our fee came back than in proportion.

    Most say so themselves. Of the rest Stripe is asked for the fee, of which more may have been given back since.
    Raises StripeRefused.
    """
    by_payment: defaultdict[str, list[RefundAnswer]] = defaultdict(list)
    for answer in made:
        if answer.status == "succeeded" and payments.get(answer.intent_id):
            by_payment[answer.intent_id].append(answer)
    ours = _ours(payments[intent] for intent in by_payment if payments[intent].fee_cents)
    for intent_id, answers in by_payment.items():
        payment = payments[intent_id]
        known = {refund.stripe_id: refund for refund in ours[payment]}
        if any(_is_less(payment, known.get(answer.id), answer) for answer in answers):
            yield from _difference(payment, ours[payment], answers[-1])


def _ours(payments: Iterable[Payment]) -> Mapping[Payment, list[Refund]]:
    """What we had sent back; with a refund that its business makes in Stripe's dashboard no fee comes back."""
    found: defaultdict[Payment, list[Refund]] = defaultdict(list)
    sent = Refund.objects.filter(
        payment__in=list(payments), origin=RefundOrigin.OURS, status=RefundStatus.SUCCEEDED
    )
    for refund in sent.select_related("payment"):
        found[refund.payment].append(refund)
    return found


def _is_less(payment: Payment, refund: Refund | None, answer: RefundAnswer) -> bool:
    return refund is not None and (answer.fee_back_cents or 0) < least_back(payment, [refund])


def least_back(payment: Payment, refunds: Iterable[Refund]) -> int:
    """In cents, the share of what went back. Stripe doesn't say how it rounds: each part may be rounded down."""
    parts = [refund.amount_cents for refund in refunds]
    return max(payment.fee_cents * sum(parts) // payment.amount_cents - (len(parts) - 1), 0)


def give_back_missing(payment: Payment) -> None:
    """What is missing of a fee goes back to its account by itself. The key says how much had come back before, so two
    presses are one. Raises StripeRefused."""
    of_intent = stripe_lists.list_refunds(payment.account_id, payment_intent=payment.intent_id)
    fee = stripe_fees.fee_of(next((answer.charge_id for answer in of_intent), ""))
    missing = least_back(payment, _ours([payment])[payment]) - fee.back_cents if fee else 0
    if fee and missing > 0:
        stripe_fees.give_back(fee.id, missing, key=f"pp-fr-{payment.pk}-{fee.back_cents}")


def _difference(payment: Payment, refunds: list[Refund], answer: RefundAnswer) -> Iterator[Difference]:
    fee = stripe_fees.fee_of(answer.charge_id)
    back, due = fee.back_cents if fee else 0, least_back(payment, refunds)
    if back < due:
        sent = sum(refund.amount_cents for refund in refunds)
        yield Difference(
            DiscrepancyKind.FEE_REFUND,
            payment.intent_id or "",
            payment,
            f"{back} cents of the fee came back",
            f"{due} cents of {payment.fee_cents} due, since {sent} cents went back",
            answer.created_at,
        )
