"""A no-show whose fee the saved card doesn't pay: a link instead; and one that was none, taken back whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.sent import body, deliver_all
from notifications.models import Message
from payments import fee_charges, intents, invariants, no_shows, reconciliation, refunds, stripe_customers
from payments.models import CardConsent, FeeCharge, Payment, PaymentStatus, Refund
from payments.paying import bill_of, open_bill
from payments.settlement import sync
from payments.totals import totals_of
from peepopay.errors import BookingNotChangeable, BookingNotPayable

from .no_showing import (
    ALWAYS_ASKS,
    DECLINED,
    FEE,
    GOOD,
    fee,
    fees_at_stripe,
    make_job,
    mark,
    missed,
    the_booking,
    told,
    undo,
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


def settle_refunds() -> list[tuple[str, int]]:
    for row in Refund.objects.filter(done_at=None):
        refunds.send_refund(row, now=timezone.now())
    return list(Refund.objects.order_by("created_at").values_list("status", "amount_cents"))


def cannot_be_charged(api, sam, stripe_app, why: str) -> Booking:
    """Its bank wants to see Jo, says no, or the card isn't there any more."""
    booking = missed(api, stripe_app, make_job(sam), card=ALWAYS_ASKS if why == "asks" else GOOD)
    consent = CardConsent.objects.get()
    if why == "declines":
        stripe_app.change_saved_card(consent.payment_method_id, DECLINED)
    elif why == "gone":
        stripe_customers.delete_customer(consent.account_id, consent.customer_id)
    mark(booking)
    assert work().done_at
    return the_booking()


@pytest.fixture
def unpaid(api, sam, stripe_app) -> Booking:
    """Jo has a link to pay by."""
    return cannot_be_charged(api, sam, stripe_app, "declines")


@pytest.mark.parametrize("why", ["asks", "declines", "gone"])
def test_a_card_that_cannot_be_charged_becomes_a_link(api, sam, stripe_app, sent, why):
    unpaid = cannot_be_charged(api, sam, stripe_app, why)
    assert fees_at_stripe(stripe_app) == [("requires_payment_method", 0)]
    assert told() == {"no_show", "no_show_fee_to_pay", "no_show_fee_to_pay_tradie"}
    deliver_all(now=timezone.now() + timedelta(minutes=2))
    (sms,) = [sms for sms in sent.sms if "no-show fee" in sms["body"]]
    assert "Sam's Plumbing: please pay the no-show fee of $70" in sms["body"]
    assert "/pay/" in sms["body"]
    payment, secret = open_bill(unpaid, now=timezone.now())
    assert stripe_app.pay(secret, card=ALWAYS_ASKS)["status"] == "requires_action"
    assert stripe_app.authenticate(secret, True)["status"] == "succeeded"
    assert sync(payment, now=timezone.now()).status == PaymentStatus.SUCCEEDED
    assert told() >= {"no_show_fee_paid", "no_show_fee_paid_tradie"}
    assert unpaid.events.filter(kind="fee_paid", actor="customer").exists()


def test_a_link_that_nobody_used_ends(stripe_app, unpaid, sent):
    late = timezone.now() + timedelta(days=7, minutes=1)
    with pytest.raises(BookingNotPayable):
        open_bill(unpaid, now=late)
    assert [fee_charges.lapse_fees(now=late), fee_charges.lapse_fees(now=late)] == [1, 0]
    assert (fees_at_stripe(stripe_app), fee().status) == ([("canceled", 0)], PaymentStatus.CANCELED)
    assert "no_show_fee_lapsed_tradie" in told()
    bill = bill_of(unpaid, now=late)
    assert bill is not None
    assert not bill.is_payable


def test_while_it_is_being_paid_a_link_does_not_end(unpaid):
    Payment.objects.filter(pk=fee().pk).update(status=PaymentStatus.PROCESSING)
    assert fee_charges.lapse_fees(now=timezone.now() + timedelta(days=8)) == 0
    assert FeeCharge.objects.get().lapsed_at is None


def test_a_worker_that_comes_once_more_gives_no_more_time_and_tells_nobody(unpaid):
    row, before = FeeCharge.objects.get(), Message.objects.count()
    fee_charges.charge(row, now=timezone.now() + timedelta(days=1))
    assert (FeeCharge.objects.get().pay_by, Message.objects.count()) == (row.pay_by, before)


def test_paid_in_the_last_second_it_is_kept(stripe_app, unpaid):
    _, secret = open_bill(unpaid, now=timezone.now())
    stripe_app.pay(secret)
    fee_charges.lapse_fees(now=timezone.now() + timedelta(days=8))
    assert fee().status == PaymentStatus.SUCCEEDED
    assert "no_show_fee_lapsed_tradie" not in told()


def test_taken_back_before_it_is_charged_nothing_is(stripe_app, booking):
    mark(booking)
    assert [undo(booking), undo(booking)] == [True, False]
    work()
    assert fees_at_stripe(stripe_app) == []
    assert (the_booking().status, fee().status) == (Status.CONFIRMED, PaymentStatus.CANCELED)
    assert told() == set()  # nobody had been told of it
    assert mark(booking)  # a fee that never was stands in no way
    work()
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]


def test_taken_back_after_it_was_charged_all_of_it_goes_back(stripe_app, booking, sent):
    mark(booking)
    work()
    deliver_all(now=timezone.now() + timedelta(minutes=2))
    assert undo(booking)
    work()
    assert settle_refunds() == [("succeeded", 7_000)]
    assert the_booking().status == Status.CONFIRMED
    assert "no_show_undone" in told()
    deliver_all(now=timezone.now())
    undone = next(mail for mail in sent.mails if "it was no no-show" in mail["subject"])
    assert "The fee of $70 goes back to your card" in body(undone, "plain")
    with pytest.raises(BookingNotChangeable):
        mark(booking)  # never a second fee
    assert mark(booking, 0)
    outcome = no_shows.outcome_of(the_booking(), totals_of(booking), now=timezone.now())
    assert (outcome.kept_cents, outcome.charge_cents) == (
        3_000,
        0,
    )  # the fee that went back is none of the deposit


@pytest.mark.parametrize("is_charged", [True, False])
def test_taken_back_while_it_is_with_stripe(stripe_app, booking, is_charged):
    """The call is under way: whatever it comes to is undone."""
    if not is_charged:
        stripe_app.change_saved_card(CardConsent.objects.get().payment_method_id, DECLINED)
    mark(booking)
    stripe_app.fault("POST /v1/payment_intents$", reset=True, after=True, times=2)
    stripe_app.fault("GET /v1/payment_intents", reset=True, times=4)
    assert not work().done_at
    stripe_app.clear_faults()
    assert undo(booking)
    work()
    if is_charged:
        assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
        assert settle_refunds() == [("succeeded", 7_000)]
    else:
        assert fees_at_stripe(stripe_app) == [("canceled", 0)]
    assert the_booking().status == Status.CONFIRMED


def test_taken_back_while_a_call_is_lost_what_comes_of_it_later_is_undone(stripe_app, booking):
    mark(booking)
    stripe_app.fault("POST /v1/payment_intents$", reset=True, times=2)
    assert not work().done_at
    assert undo(booking)
    assert not work().done_at  # Stripe has nothing of it, and may yet
    intents.create(fee())  # the call arrives
    work()
    assert fees_at_stripe(stripe_app) == [("succeeded", 7_000)]
    assert settle_refunds() == [("succeeded", 7_000)]


def test_taken_back_as_the_bank_says_no_nobody_is_asked_to_pay(stripe_app, booking, conductor):
    stripe_app.change_saved_card(CardConsent.objects.get().payment_method_id, DECLINED)
    mark(booking)
    charging = conductor.start(work)
    conductor.answer(charging)  # declined; Stripe is asked what is left of it
    assert undo(booking)
    conductor.finish(charging)
    assert fees_at_stripe(stripe_app) == [("canceled", 0)]
    assert "no_show_fee_to_pay" not in told()


def test_taken_back_the_link_is_closed(stripe_app, unpaid):
    _, secret = open_bill(unpaid, now=timezone.now())
    assert undo(unpaid)
    with pytest.raises(BookingNotPayable):
        open_bill(the_booking(), now=timezone.now())
    work()
    assert fees_at_stripe(stripe_app) == [("canceled", 0)]
    assert "error" in stripe_app.pay(secret)
    fee_charges.lapse_fees(now=timezone.now() + timedelta(days=8))
    assert "no_show_fee_lapsed_tradie" not in told()


def test_paid_by_a_forgotten_tab_after_it_was_taken_back_it_goes_back(stripe_app, unpaid):
    _, secret = open_bill(unpaid, now=timezone.now())
    undo(unpaid)
    stripe_app.pay(secret)
    reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3))
    assert settle_refunds() == [("succeeded", 7_000)]


def test_after_a_day_it_stands(booking):
    mark(booking, 0)
    Booking.objects.update(
        no_show_at=timezone.now() - timedelta(days=1, minutes=1),
        **booking.terms.times(timezone.now() - timedelta(days=2)),
    )
    with pytest.raises(BookingNotChangeable, match="for a day"):
        undo(booking)
    assert the_booking().status == Status.NO_SHOW


def test_presses_and_workers_at_once_come_to_one_fee_or_none(stripe_app, booking):
    """In whatever order: what Stripe has, less what goes back, is what the booking says."""

    def in_thread(act):
        try:
            return act()
        except BookingNotChangeable:
            return None
        finally:
            connection.close()

    def charge_all():
        for row in FeeCharge.objects.filter(done_at=None):
            fee_charges.charge(row, now=timezone.now())

    acts = [lambda: mark(booking), lambda: mark(booking), charge_all, lambda: undo(booking)] * 6
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(in_thread, acts))
    for row in FeeCharge.objects.all():
        fee_charges.charge(row, now=timezone.now())
    settle_refunds()
    paid = [cents for status, cents in fees_at_stripe(stripe_app) if status == "succeeded"]
    back = sum(refund["amount"] for refund in stripe_app.refunds())
    stands = Payment.objects.filter(kind=FEE, status="succeeded", called_off_at=None).exists()
    assert len(paid) <= 1
    assert sum(paid) - back == (7_000 if stands else 0)
    assert not stands or the_booking().status == Status.NO_SHOW
    assert not [status for status, _ in fees_at_stripe(stripe_app) if status not in ("succeeded", "canceled")]
