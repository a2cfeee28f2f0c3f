"""Lost events of refunds: the sweep over what each account refunded lately."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from local.testing.working import work_on
from payments import invariants, refund_sweep
from payments.models import ConnectedAccount
from payments.refund_sweep import look_for_refunds

from .refunding import cancelled, money, refund_in_stripe, refunds_of, told

pytestmark = pytest.mark.django_db(transaction=True)


def later(hours: float = 7) -> object:
    return timezone.now() + timedelta(hours=hours)


def test_a_refund_whose_failure_was_lost_is_noticed(stripe_app, paid):
    refund = cancelled(paid)
    work_on(refund)
    stripe_app.fail_refund(refund.stripe_id)
    assert look_for_refunds(now=timezone.now()) == 1
    assert (refunds_of(paid), money(paid)) == ([("ours", "failed", 3_000)], (0, 0))
    assert told(paid) == ["refund_failed", "refund_failed_tradie"]
    assert f"refunds_failed: {refund.pk}" in invariants.for_a_person(now=timezone.now())


def test_one_made_in_stripe_whose_event_was_lost_is_noticed(stripe_app, paid):
    refund_in_stripe(paid, 1_000)
    look_for_refunds(now=timezone.now())
    assert (refunds_of(paid), money(paid)) == ([("external", "succeeded", 1_000)], (1_000, 0))


def test_an_account_is_asked_about_every_few_hours_and_one_without_payments_never(stripe_app, paid, alex):
    assert [look_for_refunds(now=later(hours)) for hours in (0, 1, 7)] == [1, 0, 1]
    assert len(stripe_app.requests("GET /v1/refunds")) == 2
    assert ConnectedAccount.objects.get(tradie=alex).refunds_checked_at is None


def test_where_all_is_as_we_know_it_nothing_is_locked(stripe_app, paid, django_assert_num_queries):
    work_on(cancelled(paid))
    with django_assert_num_queries(4):  # accounts, when looked at, payments, refunds
        look_for_refunds(now=timezone.now())


def test_while_stripe_is_away_an_account_is_not_done_but_goes_to_the_back(stripe_app, paid):
    stripe_app.fault("GET /v1/refunds", status=500, times=2)
    refund_in_stripe(paid, 1_000)
    now = timezone.now()
    assert look_for_refunds(now=now) == 0
    assert ConnectedAccount.objects.get().refunds_checked_at == now
    assert look_for_refunds(now=later()) == 1
    assert money(paid) == (1_000, 0)


def test_those_never_looked_at_come_first_then_those_longest_ago(stripe_app, paid, monkeypatch, alex):
    monkeypatch.setattr(refund_sweep, "MOST_AT_ONCE", 1)
    now = timezone.now()
    paid.pk, paid.intent_id, paid.account_id = None, "pi_alex", "acct_demo_alex"
    paid.status, paid.kind = "succeeded", "balance"
    paid.save(force_insert=True)
    ConnectedAccount.objects.filter(tradie=alex).update(refunds_checked_at=now - timedelta(days=9))
    look_for_refunds(now=now)
    asked = [account.tradie for account in ConnectedAccount.objects.filter(refunds_checked_at=now)]
    assert [tradie.slug for tradie in asked] == ["sam-plumber"]
    look_for_refunds(now=now)
    assert ConnectedAccount.objects.filter(refunds_checked_at=now).count() == 2
