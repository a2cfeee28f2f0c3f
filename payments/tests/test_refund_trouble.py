"""What stands between a refund and its customer: answers that settle nothing, a balance that is too low, a bank that
sends the money back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.actors import By
from bookings.models import Actor, Status
from local.testing.cast import owner_of
from local.testing.sent import deliver
from local.testing.working import work_on
from notifications.models import Message
from payments import invariants, stripe_gateway, stripe_lists
from payments.cancellations import cancel_booking
from payments.models import Payment, Refund
from payments.refund_outcomes import NOT_ARRIVED
from payments.refunds_by_hand import may_be_sent_again, refund_again, refund_by_hand
from peepopay.errors import BookingNotChangeable, ValidationFailed

from .refunding import cancelled, money, pay_for_one, refund_in_stripe, refunds_of, told, webhooks_arrive

pytestmark = pytest.mark.django_db(transaction=True)
BAD_LATER = "4000000000005126"


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now()) == []


def test_what_is_cancelled_twice_goes_back_once(paid):
    for _ in range(2):
        booking = cancel_booking(paid.booking, by=by_sam(paid), now=timezone.now())
        assert booking.status == Status.CANCELLED
    assert [refund.amount_cents for refund in Refund.objects.all()] == [3_000]


# ---- answers that settle nothing


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"page": True}, {"page": True, "status": 502}, {"reset": True, "times": 2}],
    ids=str,
)
def test_after_no_answer_to_rely_on_it_is_looked_for_first_and_made_once(
    stripe_app, paid, fault, carried_out
):
    refund = cancelled(paid)
    stripe_app.fault("POST /v1/refunds", after=carried_out, **{"times": 2, **fault})
    work_on(refund)
    assert (refund.status, refund.dead_at) == ("requested", None)
    before = len(stripe_app.requests("POST /v1/refunds"))
    work_on(refund)
    assert (refund.status, money(paid)) == ("succeeded", (3_000, 0))
    assert [made["amount"] for made in stripe_app.refunds()] == [3_000]
    assert stripe_app.requests("GET /v1/refunds$")
    assert len(stripe_app.requests("POST /v1/refunds")) == before + (not carried_out)


def test_it_is_found_however_many_were_made_after_it(stripe_app, paid, monkeypatch):
    refund = cancelled(paid)
    Refund.objects.filter(pk=refund.pk).update(amount_cents=100)
    Payment.objects.update(reserved_cents=100)
    stripe_app.fault("POST /v1/refunds", reset=True, after=True, times=2)
    work_on(refund)
    for _ in range(100):
        refund_in_stripe(paid, 1)
    work_on(refund)
    assert refund.status == "succeeded"
    monkeypatch.setattr(stripe_lists, "MOST_PAGES", 1)
    with pytest.raises(stripe_gateway.StripeRefused, match="too_many"):
        list(stripe_lists.list_refunds(paid.account_id, payment_intent=paid.intent_id))


def test_a_no_that_nothing_explains_asks_for_a_person_until_it_is_sent(stripe_app, paid):
    refund = cancelled(paid)
    stripe_app.fault("POST /v1/refunds", status=400)
    work_on(refund)
    paid.refresh_from_db()
    assert paid.attention.startswith("Refund refused by Stripe")
    work_on(refund)
    assert (refund.status, money(paid), paid.attention) == ("succeeded", (3_000, 0), "")


@pytest.mark.parametrize(("minutes", "mails"), [(0, []), (2, ["refund_sent"])])
def test_a_cancellation_that_said_so_and_a_refund_within_a_minute_are_one_mail(
    stripe_app, paid, minutes, mails
):
    refund = cancelled(paid)
    Refund.objects.update(created_at=refund.created_at - timedelta(minutes=minutes))
    work_on(refund)
    assert (refund.status, told(paid)) == ("succeeded", mails)


# ---- a balance that is too low


@pytest.mark.parametrize("how", ["waits", "refuses"])
def test_while_the_balance_is_too_low_the_tradie_is_told_once_and_then_it_goes_out(
    stripe_app, paid, how, sent
):
    stripe_app.set_balance(how)
    refund = cancelled(paid)
    for _ in range(3):
        work_on(refund)
    assert (told(paid), money(paid)) == (["balance_too_low_tradie"], (0, 3_000))
    paid.refresh_from_db()
    assert (paid.attention, refund.dead_at, refund.attempts) == ("", None, 0)
    deliver(Message.objects.get(kind="balance_too_low_tradie"), now=timezone.now())
    (mail,) = sent.mails
    assert mail["Subject"] == "Your Stripe balance is too low to send $30 back to Jo Citizen"
    assert mail["To"] == "sam@example.com"

    stripe_app.set_balance("enough")
    Refund.objects.update(created_at=refund.created_at - timedelta(minutes=2))
    work_on(refund)
    assert (refund.status, money(paid)) == ("succeeded", (3_000, 0))
    assert told(paid) == ["balance_too_low_tradie", "refund_sent"]


def test_after_days_an_operator_sees_it_and_after_weeks_it_is_given_up(stripe_app, paid):
    stripe_app.set_balance("refuses")
    refund = cancelled(paid)
    work_on(refund)
    now = timezone.now()
    assert invariants.for_a_person(now=now + timedelta(days=2)) == []
    assert invariants.for_a_person(now=now + timedelta(days=4)) == [f"refunds_short_of_funds: {refund.pk}"]
    Refund.objects.update(created_at=now - timedelta(days=15))
    for _ in range(10):
        work_on(refund)
    assert refund.dead_at
    assert invariants.for_a_person(now=now)[0] == f"outbox_rows_dead: payments.Refund {refund.pk}"


# ---- a bank that sends the money back


@pytest.fixture
def failed(api, drain, stripe_app) -> Refund:
    """Sent, and then the bank sent it back."""
    payment = pay_for_one(api, drain, stripe_app)
    refund = cancelled(payment)
    work_on(refund)
    stripe_app.fail_refund(refund.stripe_id)
    webhooks_arrive(stripe_app, "refund.failed")
    refund.refresh_from_db()
    assert (refund.status, money(payment)) == ("failed", (0, 0))
    return refund


def by_sam(payment: Payment) -> By:
    return By(Actor.TRADIE, owner_of(payment.booking.tradie))


def test_a_failed_refund_waits_for_a_person_until_it_is_sent_again(stripe_app, failed):
    payment = failed.payment
    assert [line.partition(":")[0] for line in invariants.for_a_person(now=timezone.now())] == [
        "refunds_failed",
        "attention",
    ]
    again = refund_again(failed, by=by_sam(payment), now=timezone.now())
    assert (again.instead_of, again.amount_cents, money(payment)) == (failed, 3_000, (0, 3_000))
    assert invariants.for_a_person(now=timezone.now()) == []
    work_on(again)
    assert money(payment) == (3_000, 0)
    assert refunds_of(payment) == [("ours", "failed", 3_000), ("ours", "succeeded", 3_000)]


@pytest.mark.parametrize("how", ["by hand", "in Stripe"])
def test_of_one_that_failed_nobody_is_asked_once_all_went_back_in_another_way(stripe_app, failed, how):
    payment = failed.payment
    if how == "by hand":
        by, now = by_sam(payment), timezone.now()
        (other,) = refund_by_hand(payment.booking, 3_000, note="", key=uuid.uuid4(), by=by, now=now)
        work_on(other)
    else:
        for cents in (1_000, 2_000):
            payment.refresh_from_db()
            assert (may_be_sent_again(failed), payment.attention) == (True, NOT_ARRIVED)
            refund_in_stripe(payment, cents)
            webhooks_arrive(stripe_app, "charge.refunded")
    assert money(payment) == (3_000, 0)
    failed.refresh_from_db()
    assert (invariants.for_a_person(now=timezone.now()), may_be_sent_again(failed)) == ([], False)


def test_pressed_twice_it_is_sent_again_once(stripe_app, failed):
    by, now = by_sam(failed.payment), timezone.now()
    first, second = (refund_again(failed, by=by, now=now) for _ in range(2))
    assert first == second
    work_on(first)
    assert refund_again(failed, by=by, now=now) == first
    assert money(failed.payment) == (3_000, 0)


def test_one_that_fails_again_can_be_sent_a_third_time(stripe_app, failed):
    by, now = by_sam(failed.payment), timezone.now()
    again = refund_again(failed, by=by, now=now)
    work_on(again)
    stripe_app.fail_refund(again.stripe_id)
    webhooks_arrive(stripe_app, "refund.failed")
    assert f"refunds_failed: {again.pk}" in invariants.for_a_person(now=now)
    work_on(refund_again(again, by=by, now=now))
    assert money(failed.payment) == (3_000, 0)


def test_it_is_not_sent_again_when_the_money_went_back_in_another_way(stripe_app, failed):
    refund_in_stripe(failed.payment, 1_000)
    webhooks_arrive(stripe_app, "charge.refunded")
    with pytest.raises(ValidationFailed, match=r"Only \$20 is left"):
        refund_again(failed, by=by_sam(failed.payment), now=timezone.now())
    assert money(failed.payment) == (1_000, 0)


def test_one_that_is_on_its_way_is_not_sent_again(paid):
    with pytest.raises(BookingNotChangeable):
        refund_again(cancelled(paid), by=by_sam(paid), now=timezone.now())


def test_one_that_was_given_up_is_taken_up_again_as_it_is(stripe_app, paid):
    refund = cancelled(paid)
    stripe_app.fault("POST /v1/refunds", reset=True, after=True, times=2)
    work_on(refund)  # made, and we never heard of it
    Refund.objects.update(dead_at=timezone.now())
    assert refund_again(refund, by=by_sam(paid), now=timezone.now()) == refund
    work_on(refund)
    assert (refunds_of(paid), len(stripe_app.refunds())) == ([("ours", "succeeded", 3_000)], 1)
