"""A customer who wasn't there: what is kept, and what the saved card is charged, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.audit_models import AuditEntry
from bookings import lifecycle
from bookings.models import Booking, Status
from local.testing.sent import body, deliver_all
from notifications.models import Message
from payments import fee_charges, invariants, no_shows
from payments.models import CardConsent, ConnectedAccount, FeeCharge, Payment, PaymentStatus
from payments.refunds_by_hand import refund_by_hand
from payments.totals import totals_of
from peepopay.errors import BookingNotChangeable

from .no_showing import (
    SAM,
    fee,
    fees_at_stripe,
    make_job,
    mark,
    missed,
    start,
    the_booking,
    told,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def booking(api, sam, stripe_app) -> Booking:
    """Jo's: $30 paid, $70 may be charged; nobody is there."""
    return missed(api, stripe_app, make_job(sam))


def test_before_the_start_nobody_is_missing(api, sam, stripe_app, booking):
    start(booking, timedelta(hours=-2))
    with pytest.raises(BookingNotChangeable, match="hasn't started"):
        mark(the_booking())
    assert not lifecycle.mark_no_show(the_booking(), by=SAM, now=timezone.now())
    with pytest.raises(IntegrityError, match="booking_no_show_after_the_start"):
        Booking.objects.update(status=Status.NO_SHOW, no_show_at=timezone.now())
    start(booking)


def test_the_figures_come_first(booking):
    outcome = no_shows.outcome_of(booking, totals_of(booking), now=timezone.now())
    assert (outcome.kept_cents, outcome.charge_cents, outcome.unpaid_cents) == (3_000, 7_000, 0)
    ConnectedAccount.objects.update(can_charge=False)
    outcome = no_shows.outcome_of(the_booking(), totals_of(booking), now=timezone.now())
    assert (outcome.charge_cents, outcome.unpaid_cents) == (0, 7_000)


def test_the_saved_card_is_charged_what_was_shown(stripe_app, booking, sent):
    assert mark(booking)
    assert fees_at_stripe(stripe_app) == []  # after the commit, by a worker
    assert work().done_at
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    payment, consent = fee(), CardConsent.objects.get()
    intent = next(i for i in stripe_app.intents() if i["id"] == payment.intent_id)
    assert (intent["customer"], intent["payment_method"]) == (consent.customer_id, consent.payment_method_id)
    assert intent["application_fee_amount"] == 175
    assert (payment.status, payment.amount_cents) == (PaymentStatus.SUCCEEDED, 7_000)
    assert [(e.kind, e.actor) for e in booking.events.all()][-3:] == [
        ("no_show", "tradie"),
        ("fee_asked", "tradie"),
        ("fee_paid", "system"),
    ]
    assert AuditEntry.objects.filter(kind="no_show_fee", about=booking.reference, detail="$70").exists()
    assert told() == {"no_show", "no_show_fee_paid", "no_show_fee_paid_tradie"}
    deliver_all(now=timezone.now() + timedelta(minutes=2))
    subjects = {mail["subject"] for mail in sent.mails}
    assert {
        "Sam's Plumbing missed you: Blocked drain",
        "No-show fee paid: $70 to Sam's Plumbing",
        "Jo Citizen paid the no-show fee of $70",
    } <= subjects
    missed_you = next(mail for mail in sent.mails if "missed you" in mail["subject"])
    assert "$70 is being charged to the card that you agreed could be charged" in body(missed_you, "plain")


def test_a_second_press_is_the_first(stripe_app, booking):
    assert [mark(booking), mark(booking)] == [True, False]
    work()
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    with pytest.raises(BookingNotChangeable, match="figures have changed"):
        no_shows.charge_fee(booking, by=SAM, now=timezone.now(), charge_cents=7_000)


def test_it_can_be_marked_without_charging_and_charged_later(stripe_app, booking):
    assert not no_shows.charge_fee(booking, by=SAM, now=timezone.now(), charge_cents=7_000)  # it is none yet
    assert not FeeCharge.objects.exists()
    assert mark(booking, 0)
    assert (FeeCharge.objects.count(), told()) == (0, {"no_show"})
    assert no_shows.standing_of(the_booking(), totals_of(booking), now=timezone.now()).charge_cents == 7_000
    assert no_shows.charge_fee(booking, by=SAM, now=timezone.now(), charge_cents=7_000)
    work()
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    assert Message.objects.filter(kind="no_show", skipped_because="").count() == 1


@pytest.mark.parametrize("shown", [7_001, 6_999])
def test_another_figure_than_what_holds_now_changes_nothing(booking, shown):
    with pytest.raises(BookingNotChangeable, match="figures have changed"):
        mark(booking, shown)
    assert (the_booking().status, FeeCharge.objects.count()) == (Status.CONFIRMED, 0)


def test_without_consent_only_what_was_paid_is_kept(api, sam, stripe_app):
    booking = missed(api, stripe_app, make_job(sam), consents=False)
    outcome = no_shows.outcome_of(booking, totals_of(booking), now=timezone.now())
    assert (outcome.kept_cents, outcome.charge_cents, outcome.unpaid_cents) == (3_000, 0, 7_000)
    with pytest.raises(BookingNotChangeable):
        mark(booking)
    assert mark(booking, 0)


def test_never_more_than_the_consent_whatever_went_back(stripe_app, booking):
    refund_by_hand(booking, 2_000, note="", key=booking.pk, by=SAM, now=timezone.now())
    outcome = no_shows.outcome_of(booking, totals_of(booking), now=timezone.now())
    assert (outcome.kept_cents, outcome.charge_cents, outcome.unpaid_cents) == (1_000, 7_000, 2_000)
    mark(booking)
    work()
    with pytest.raises(IntegrityError, match="fee_charge_within_the_consent"):
        FeeCharge.objects.update(amount_cents=7_001)


def test_a_week_after_the_job_the_card_is_charged_no_more(booking):
    start(booking, timedelta(days=7, hours=2))
    assert no_shows.outcome_of(the_booking(), totals_of(booking), now=timezone.now()).charge_cents == 0


def test_once_it_can_not_be_taken_back_the_card_is_charged_no_more(booking):
    mark(booking, 0)
    late = timezone.now() + timedelta(days=1, minutes=1)
    with pytest.raises(BookingNotChangeable):
        no_shows.charge_fee(the_booking(), by=SAM, now=late, charge_cents=7_000)
    assert not Payment.objects.filter(kind="no_show_fee").exists()


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("fault", [{"status": 500}, {"reset": True, "times": 2}], ids=["500", "reset"])
def test_a_lost_answer_is_looked_up_and_charged_once(stripe_app, booking, fault, carried_out):
    mark(booking)
    stripe_app.fault("POST /v1/payment_intents$", after=carried_out, **fault)
    if not work().done_at:
        stripe_app.clear_faults()
        assert work().done_at
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    assert fee().status == PaymentStatus.SUCCEEDED


def test_a_worker_that_died_before_asking_is_made_up_for(stripe_app, booking):
    mark(booking)
    assert fee_charges._begin(fee(), timezone.now())
    assert work().done_at
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]


def test_a_worker_that_died_after_the_charge_is_made_up_for(stripe_app, booking):
    mark(booking)
    fee_charges._begin(fee(), timezone.now())
    fee_charges.intents.create(fee())
    assert work().done_at
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    assert told() >= {"no_show_fee_paid"}
