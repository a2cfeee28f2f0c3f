"""What the tables of money refuse, each constraint by itself: whichever code may forget it, the database doesn't."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import Service
from ledger.models import Entry, Journal, XeroAccount
from local.testing.cast import make_booking
from payments.models import (
    Bill,
    CardConsent,
    CardHold,
    ConnectedAccount,
    Discrepancy,
    Dispute,
    DisputeEvidence,
    FeeCharge,
    Payment,
    Payout,
    Refund,
)

pytestmark = pytest.mark.django_db
IN_THE_LEDGERS_OWN_TESTS = {"entry_moves_something", "journal_once_per_event"}


def one_of_each(drain: Service) -> None:
    """A row of every table, as it may be."""
    now, booking = timezone.now(), make_booking(drain)
    account = drain.tradie.connected_account
    payment = Payment.objects.create(
        booking=booking,
        status="succeeded",
        account_id=account.account_id,
        intent_id="pi_1",
        amount_cents=3_000,
        fee_cents=75,
        created_at=now,
    )
    due: dict[str, Any] = {"created_at": now, "due_at": now}
    key = uuid.uuid4()
    Refund.objects.create(payment=payment, amount_cents=500, reason="By hand", client_key=key, **due)
    CardHold.objects.create(payment=payment, end="take", **due)
    consent = CardConsent.objects.create(booking=booking, version=1, cap_cents=7_000, given_at=now)
    cents = {"amount_cents": 7_000, "cap_cents": 7_000}
    FeeCharge.objects.create(payment=payment, consent=consent, **cents, **due)
    at = {"opened_at": now, "checked_at": now}
    dispute = Dispute.objects.create(
        payment=payment, stripe_id="dp_1", status="needs_response", amount_cents=3_000, **at
    )
    DisputeEvidence.objects.create(dispute=dispute, **due)
    Payout.objects.create(
        id="po_1",
        tradie=drain.tradie,
        account=account,
        status="paid",
        amount_cents=100,
        arrives_on=date(2026, 1, 5),
        created_at=now,
        checked_at=now,
    )
    Discrepancy.objects.create(
        account_id="acct_1", kind="payment_amount", object_id="pi_1", about_at=now, found_at=now
    )
    Bill.objects.create(booking=booking, asked_cents=1, asked_at=now)
    XeroAccount.objects.create(tradie=drain.tradie, account="sales", code="200")


def changed(model: type[models.Model], **fields: Any) -> Callable[[], object]:
    return lambda: model._default_manager.update(**fields)


def once_more(model: type[models.Model], **fields: Any) -> Callable[[], object]:
    """The same row again, but for its key and `fields`."""

    def add() -> None:
        row = model._default_manager.get()
        row.pk, row._state.adding = uuid.uuid4(), True
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return add


def entered(accounts: list[str], kind: str = "deposit") -> Callable[[], object]:
    def enter() -> None:
        tradie = ConnectedAccount.objects.get().tradie
        journal = Journal.objects.create(tradie=tradie, kind=kind, source="x:1", at=timezone.now())
        Entry.objects.bulk_create(
            Entry(journal=journal, account=name, cents=cents)
            for name, cents in zip(accounts, (5, -5), strict=True)
        )

    return enter


NOW = timezone.now()
REFUSED: dict[str, Callable[[], object]] = {
    "payment_status_known": changed(Payment, status="odd"),
    "payment_live_once": once_more(Payment, intent_id="pi_2", status="open"),
    "payment_one_per_intent": once_more(Payment, kind="balance"),
    "payment_amount_positive": changed(Payment, amount_cents=0),
    "payment_fee_below_amount": changed(Payment, fee_cents=3_000),
    "payment_refunds_within_amount": changed(Payment, refunded_cents=1_501, reserved_cents=1_500),
    "payment_open_has_its_intent": changed(Payment, intent_id=None),
    "card_hold_end_known": changed(CardHold, end="odd"),
    "refund_one_per_client_key": once_more(Refund),
    "refund_elsewhere_is_known_at_stripe": changed(Refund, origin="external"),
    "refund_amount_positive": changed(Refund, amount_cents=0),
    "refund_status_known": changed(Refund, status="odd"),
    "card_consent_one_that_holds": once_more(CardConsent),
    "card_consent_has_a_cap": changed(CardConsent, cap_cents=0),
    "card_consent_saved_card_is_known": changed(CardConsent, saved_at=NOW, customer_id="cus_1"),
    "fee_charge_within_the_consent": changed(FeeCharge, amount_cents=7_001),
    "dispute_status_known": changed(Dispute, status="odd"),
    "dispute_closed_has_its_time": changed(Dispute, status="won"),
    "dispute_evidence_status_known": changed(DisputeEvidence, status="odd"),
    "dispute_evidence_sent_has_its_time": changed(DisputeEvidence, status="submitted"),
    "payout_status_known": changed(Payout, status="odd"),
    "payout_failed_has_its_time": changed(Payout, failed_at=NOW),
    "discrepancy_kind_known": changed(Discrepancy, kind="odd"),
    "discrepancy_once_while_open": once_more(Discrepancy),
    "connected_account_has_its_business": changed(ConnectedAccount, replaced_at=NOW),
    "xero_account_once": once_more(XeroAccount),
    "journal_kind_known": entered(["stripe", "deposits"], kind="odd"),
    "entry_account_known": entered(["stripe", "odd"]),
    "entry_once_per_account": entered(["stripe", "stripe"]),
}


def test_each_constraint_of_money_refuses_by_itself(drain: Service) -> None:
    one_of_each(drain)
    for name, spoil in REFUSED.items():
        with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
            spoil()


def test_none_is_left_out() -> None:
    constraints = {
        constraint.name
        for app in ("payments", "ledger")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert constraints == set(REFUSED) | IN_THE_LEDGERS_OWN_TESTS
