"""What an operator does about a difference between Stripe and our rows. Each looks again afterwards, and answers
whether the two agree then; raises StripeRefused when Stripe can't be asked."""

from __future__ import annotations

from datetime import datetime

from . import fee_comparison, payouts
from .comparison import compare
from .discrepancy_models import Discrepancy
from .disputes import compare_disputes
from .external_refunds import compare_refunds
from .models import ConnectedAccount, Payment
from .settlement import settle


def look_again(row: Discrepancy, *, now: datetime) -> bool:
    compare(row.account_id, now=now)
    return Discrepancy.objects.filter(pk=row.pk, resolved_at__isnull=False).exists()


def sync_payment(row: Discrepancy, *, now: datetime) -> bool:
    """Bring its payment up to what Stripe says, with all that follows."""
    if row.payment_id:
        settle(Payment.objects.select_related("booking").get(pk=row.payment_id), now=now)
    return look_again(row, now=now)


def adopt_refunds(row: Discrepancy, *, now: datetime) -> bool:
    """Refunds that Stripe has of its payment become rows."""
    if row.payment_id:
        compare_refunds(Payment.objects.get(pk=row.payment_id), now=now)
    return look_again(row, now=now)


def give_back_fee(row: Discrepancy, *, now: datetime) -> bool:
    """What is missing of PeepoPay's fee on its payment goes back to the business."""
    if row.payment:
        fee_comparison.give_back_missing(row.payment)
    return look_again(row, now=now)


def take_over_disputes(row: Discrepancy, *, now: datetime) -> bool:
    """Disputes that Stripe has of its payment become rows."""
    if row.payment_id:
        compare_disputes(Payment.objects.get(pk=row.payment_id), now=now)
    return look_again(row, now=now)


def take_over_payouts(row: Discrepancy, *, now: datetime) -> bool:
    """Payouts that Stripe has of its account become rows."""
    for account in ConnectedAccount.objects.filter(account_id=row.account_id):
        payouts.note_lost(account, now=now)
    return look_again(row, now=now)
