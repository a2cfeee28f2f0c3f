"""The books against the demo Stripe: whatever happens to a payment, both have the same to the cent."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Service
from accounts.service_rules import DepositIs
from bookings.actors import By
from bookings.lifecycle import mark_completed, mark_no_show, undo_completed
from bookings.models import Actor, Booking, Posting, Status
from ledger.models import Journal
from ledger.posting import keep_books
from local.testing.cast import Api, make_booking, make_service, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from payments import books_checks, invariants, stripe_transactions
from payments.external_refunds import compare_refunds
from payments.models import ConnectedAccount, Payment, Refund, StripeTransaction
from payments.refunds_by_hand import refund_by_hand
from payments.stripe_gateway import client

from .bookkeeping import agree_with_stripe, ask_for_fees, books, history, post_all
from .refunding import cancelled, pay_for_one, refund_in_stripe, webhooks_arrive

pytestmark = pytest.mark.django_db(transaction=True)
FEES = {"stripe_fees": 81, "peepopay_fees": 75}  # of $30: 1.7 % + 30 c, and 2.5 %
OFFICE = By(Actor.TRADIE)


def begin(payment: Payment) -> Booking:
    """Its job has begun."""
    booking = Booking.objects.get(pk=payment.booking_id)
    began = booking.terms.times(timezone.now() - timedelta(hours=2))
    Booking.objects.filter(pk=booking.pk).update(**began)
    return Booking.objects.get(pk=booking.pk)


def found(now: datetime) -> list[str]:
    """What the self-check says about the books."""
    names = {check.__name__ for check in books_checks.BOOKS}
    return [line for line in invariants.findings(now=now) if line.split(":")[0] in names]


def send_refunds() -> None:
    for refund in Refund.objects.filter(status="requested"):
        work_on(refund)


def test_a_deposit_is_the_customers_until_the_job_is_done(paid: Payment, stripe_app: StripeWorld) -> None:
    agree_with_stripe(stripe_app)
    assert books() == {"stripe": 3_000 - 156, "deposits": -3_000, **FEES}
    mark_completed(begin(paid), by=OFFICE, now=timezone.now())
    agree_with_stripe(stripe_app)
    assert books() == {"stripe": 2_844, "sales": -2_727, "gst": -273, **FEES}
    assert sorted(history(paid.booking)) == ["deposit", "earned", "fees"]


def test_a_job_that_was_done_by_mistake_is_the_customers_money_again(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    agree_with_stripe(stripe_app)
    before = books()
    done = begin(paid)
    mark_completed(done, by=OFFICE, now=timezone.now())
    post_all()
    undo_completed(done, by=OFFICE, now=timezone.now())
    agree_with_stripe(stripe_app)
    assert {account: cents for account, cents in books().items() if cents} == before
    assert sorted(history(paid.booking)) == ["deposit", "earned", "fees", "reversed"]


def test_without_gst_registration_none_is_due_even_if_it_is_registered_later(
    api: Api, sam, drain: Service, stripe_app: StripeWorld
) -> None:
    sam.gst_registered = False
    sam.save()
    payment = pay_for_one(api, drain, stripe_app)
    post_all()
    sam.gst_registered = True
    sam.save()
    mark_completed(begin(payment), by=OFFICE, now=timezone.now())
    post_all()
    assert (books()["sales"], books().get("gst")) == (-3_000, None)


def test_gst_on_a_part_payment_is_due_at_once(api: Api, sam, stripe_app: StripeWorld) -> None:
    service = make_service(sam, deposit_is=DepositIs.PART_PAYMENT)
    payment = pay_for_one(api, service, stripe_app)
    post_all()
    assert books(payment.booking) == {"stripe": 3_000, "deposits": -2_727, "gst": -273}
    assert history(payment.booking) == ["deposit", "gst"]
    mark_completed(begin(payment), by=OFFICE, now=timezone.now())
    post_all()
    assert books(payment.booking) == {"stripe": 3_000, "sales": -2_727, "gst": -273}


def test_what_goes_back_takes_its_part_of_the_fee_along(paid: Payment, stripe_app: StripeWorld) -> None:
    post_all()
    refund_by_hand(paid.booking, 1_000, note="", key=uuid4(), by=OFFICE, now=timezone.now())
    send_refunds()
    agree_with_stripe(stripe_app)
    assert books() == {
        "stripe": 3_000 - 1_000 - 81 - 50,
        "deposits": -2_000,
        "stripe_fees": 81,
        "peepopay_fees": 50,
    }
    assert found(timezone.now()) == []


def test_of_a_late_cancellation_what_is_kept_is_earned_and_the_rest_goes_back(
    api: Api, sam, stripe_app: StripeWorld
) -> None:
    payment = pay_for_one(api, make_service(sam, late_fee_cents=1_100), stripe_app)
    cancelled(payment, Actor.CUSTOMER, payment.booking.starts_at - timedelta(hours=3))
    post_all()
    assert books(payment.booking) == {"stripe": 3_000, "deposits": -1_900, "kept": -1_000, "gst": -100}
    send_refunds()
    agree_with_stripe(stripe_app)
    assert books()["kept"] == -1_000
    assert "deposits" not in books()


def test_who_does_not_show_up_forfeits_the_deposit(paid: Payment, stripe_app: StripeWorld) -> None:
    mark_no_show(begin(paid), by=OFFICE, now=timezone.now())
    agree_with_stripe(stripe_app)
    assert books() == {"stripe": 2_844, "kept": -2_727, "gst": -273, **FEES}


def test_a_no_show_that_was_none_is_held_again(paid: Payment) -> None:
    mark_no_show(begin(paid), by=OFFICE, now=timezone.now())
    post_all()
    Booking.objects.filter(pk=paid.booking_id).update(status=Status.CONFIRMED)
    keep_books(paid.booking_id)
    assert books(paid.booking) == {"stripe": 3_000, "deposits": -3_000}
    assert history(paid.booking)[-1] == "reversed"


def test_a_refund_that_fails_after_it_was_sent_is_owed(api: Api, sam, drain, stripe_app: StripeWorld) -> None:
    payment = pay_for_one(api, drain, stripe_app)
    cancelled(payment)
    send_refunds()
    post_all()
    assert "deposits" not in books(payment.booking)
    stripe_app.fail_refund(Refund.objects.get().stripe_id or "")
    webhooks_arrive(stripe_app, "refund.failed")
    agree_with_stripe(stripe_app)
    assert books(payment.booking)["deposits"] == -3_000
    assert history(payment.booking)[-1] == "reversed"


def test_a_refund_that_waits_for_funds_has_not_left_yet(paid: Payment, stripe_app: StripeWorld) -> None:
    stripe_app.set_balance("waits")
    cancelled(paid)
    send_refunds()
    agree_with_stripe(stripe_app)
    assert books()["deposits"] == -3_000
    stripe_app.set_balance("enough")
    webhooks_arrive(stripe_app, "refund.updated")
    agree_with_stripe(stripe_app)
    assert "deposits" not in books()


def test_a_refund_in_the_stripe_dashboard_is_in_the_books(paid: Payment, stripe_app: StripeWorld) -> None:
    refund_in_stripe(paid, 700)
    compare_refunds(paid, now=timezone.now())
    agree_with_stripe(stripe_app)
    assert books()["deposits"] == -2_300


@pytest.mark.parametrize(("word", "left"), [("won", {"deposits": -3_000}), ("lost", {})])
def test_a_dispute_is_with_the_bank_until_it_decides(
    paid: Payment, stripe_app: StripeWorld, word: str, left: dict[str, int]
) -> None:
    dispute = stripe_app.dispute(paid.intent_id or "")
    webhooks_arrive(stripe_app, "charge.dispute.created")
    agree_with_stripe(stripe_app)
    with_bank = {"stripe": -156 - 2_500, "disputed": 3_000, "stripe_fees": 2_581, "peepopay_fees": 75}
    assert books() == {**with_bank, "deposits": -3_000}
    stripe_app.decide(dispute, word)
    webhooks_arrive(stripe_app, "charge.dispute.closed")
    agree_with_stripe(stripe_app)
    on = books()
    assert {name: on[name] for name in ("deposits", "disputed") if name in on} == left


def test_other_charges_of_the_account_are_there_and_apart(paid: Payment, stripe_app: StripeWorld) -> None:
    """The tradie takes cards elsewhere too; no metadata of ours."""
    made = client().v1.payment_intents.create(
        {"amount": 5_000, "currency": "aud", "allowed_payment_method_types": ["card"]},
        {"stripe_account": paid.account_id},
    )
    stripe_app.pay(made.client_secret or "")
    agree_with_stripe(stripe_app)
    assert books()["other"] == -5_000
    assert Journal.objects.get(kind="other").booking is None


def test_looking_again_enters_nothing_again(paid: Payment, stripe_app: StripeWorld) -> None:
    agree_with_stripe(stripe_app)
    before = (Journal.objects.count(), StripeTransaction.objects.count())
    keep_books(paid.booking_id)
    ask_for_fees()
    ConnectedAccount.objects.update(transactions_seen_until=None)
    ask_for_fees()
    assert (Journal.objects.count(), StripeTransaction.objects.count()) == before


def test_stripe_is_asked_where_something_was_entered_since(paid: Payment) -> None:
    post_all()
    now = timezone.now()
    assert stripe_transactions.look_for_transactions(now=now) == 1
    assert list(stripe_transactions._due(now + timedelta(minutes=10))) == []
    refund_by_hand(paid.booking, 100, note="", key=uuid4(), by=OFFICE, now=now)
    send_refunds()
    post_all()
    assert len(stripe_transactions._due(now + timedelta(minutes=10))) == 1


def test_a_posting_is_written_with_the_event_and_entered_by_a_worker(paid: Payment) -> None:
    (row,) = Posting.objects.all()
    work_on(row)
    assert row.done_at
    assert history(paid.booking) == ["deposit"]


def test_rows_from_before_there_were_books_are_entered_as_of_when_they_happened(
    api: Api, sam, stripe_app: StripeWorld
) -> None:
    payment = pay_for_one(api, make_service(sam, late_fee_cents=1_100), stripe_app)
    cancelled(payment, Actor.CUSTOMER, payment.booking.starts_at - timedelta(hours=3))
    send_refunds()
    Posting.objects.all().delete()
    later = timezone.now() + timedelta(days=9)
    assert found(later) == [f"books_differ_from_rows: {payment.booking_id}"]
    assert books_checks.post_missing(now=later) == 1
    assert books_checks.post_missing(now=later) == 0
    assert "kept" in history(payment.booking)
    payment.refresh_from_db()
    assert Journal.objects.get(kind="deposit").at == payment.paid_at


def test_a_posting_of_another_booking_that_waits_hides_no_difference(paid: Payment) -> None:
    Posting.objects.all().delete()  # lost, before it was entered
    other = make_booking(paid.booking.service, soon(paid.booking.tradie, days=9), deposit_cents=0)
    Posting.objects.create(booking=other, due_at=timezone.now())
    later = timezone.now() + timedelta(days=1)
    assert f"books_differ_from_rows: {paid.booking_id}" in found(later)
    assert books_checks.post_missing(now=later) == 1
    assert history(paid.booking) == ["deposit"]


def test_the_self_check_finds_books_that_say_otherwise(paid: Payment, stripe_app: StripeWorld) -> None:
    agree_with_stripe(stripe_app)
    now = timezone.now() + timedelta(days=3)
    ConnectedAccount.objects.update(transactions_seen_until=now)
    assert found(now) == []
    StripeTransaction.objects.update(amount_cents=2_999)
    assert found(now) == [f"stripe_moved_otherwise: {paid.pk}"]
    Booking.objects.update(status=Status.COMPLETED)
    assert f"books_hold_what_is_earned: {paid.booking_id}" in found(now)
