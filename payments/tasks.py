"""Doors for the workers: load by id, call one rule."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from peepopay import heartbeats, outbox

from . import (
    approvals,
    books_checks,
    comparison,
    connected_accounts,
    disputes,
    event_sweep,
    expiry,
    fee_charges,
    forgotten_cards,
    inbox,
    invariants,
    payouts,
    reconciliation,
    refund_sweep,
    refunds,
    series,
    stripe_transactions,
)
from .models import CardHold, FeeCharge, Refund, StripeEvent

logger = logging.getLogger(__name__)


@shared_task
def ask_series_deposits() -> int:
    """Ask for the deposits of visits that come near."""
    return series.ask_deposits(now=timezone.now())


@outbox.handles(StripeEvent)
def process_event(event: StripeEvent, now: datetime) -> outbox.Changes | None:
    """Act on one stored Stripe event."""
    return inbox.act_on(event, now=now)


@outbox.handles(Refund)
def send_refund(refund: Refund, now: datetime) -> None:
    """Ask Stripe for one refund."""
    refunds.send_refund(refund, now=now)


@outbox.handles(CardHold)
def end_hold(hold: CardHold, now: datetime) -> outbox.Changes | None:
    """Take what a card holds, or let go of it."""
    return approvals.end_hold(hold, now=now)


@outbox.handles(FeeCharge)
def charge_fee(row: FeeCharge, now: datetime) -> outbox.Changes | None:
    """Charge a no-show fee to a saved card."""
    return fee_charges.charge(row, now=now)


@shared_task
def lapse_fees() -> int:
    """End links for no-show fees that nobody paid in time."""
    return fee_charges.lapse_fees(now=timezone.now())


@shared_task
def forget_cards() -> int:
    """Have Stripe forget saved cards that nobody needs any more."""
    return forgotten_cards.forget_cards(now=timezone.now())


@shared_task
def lapse_requests() -> int:
    """Decline requests that nobody answered in time."""
    return approvals.lapse_requests(now=timezone.now())


@shared_task
def expire_holds() -> int:
    """Give back the time of unpaid holds that are over."""
    return expiry.expire_holds(now=timezone.now())


@shared_task
def sync_unsettled_payments() -> int:
    """Ask Stripe about payments that have been on their way for more than two minutes."""
    return reconciliation.sync_unsettled_payments(now=timezone.now())


@shared_task
def look_for_refunds() -> int:
    """Ask Stripe for the refunds of the last weeks: some fail late, some were made elsewhere."""
    return refund_sweep.look_for_refunds(now=timezone.now())


@shared_task
def look_for_disputes() -> int:
    """Ask Stripe for disputes whose events were lost."""
    return disputes.look_for_disputes(now=timezone.now())


@shared_task
def look_for_payouts() -> int:
    """Ask Stripe for payouts whose events were lost."""
    return payouts.look_for_payouts(now=timezone.now())


@shared_task
def look_for_events() -> int:
    """Ask Stripe for events that never came."""
    return event_sweep.look_for_events(now=timezone.now())


@shared_task
def look_for_transactions() -> int:
    """Ask Stripe what it took for what moved, for the books."""
    return stripe_transactions.look_for_transactions(now=timezone.now())


@shared_task
def post_missing() -> int:
    """Enter in the books what nobody was asked to enter."""
    return books_checks.post_missing(now=timezone.now() - books_checks.YOUNG)


@shared_task
def compare_with_stripe() -> int:
    """Compare all money of the last days with Stripe's, at night."""
    return comparison.compare_all(now=timezone.now())


@shared_task
def check_accounts() -> int:
    """Ask Stripe which businesses can take cards."""
    return connected_accounts.check_all(now=timezone.now())


@shared_task(soft_time_limit=600, time_limit=630)
def check_invariants() -> int:
    """The hourly self-check: what is broken is logged as an error; returns how many findings there were."""
    now = timezone.now()
    broken, waiting = invariants.findings(now=now), invariants.for_a_person(now=now)
    for finding in broken:
        logger.error("invariant broken: %s", finding)
    for finding in waiting:
        logger.warning("waits for a person: %s", finding)
    heartbeats.note(heartbeats.SELF_CHECK, broken=len(broken), waiting=len(waiting))
    return len(broken) + len(waiting)
