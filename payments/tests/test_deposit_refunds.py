"""A deposit on its way back: asked of Stripe once, whatever becomes of the call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from local.testing.cast import soon
from local.testing.working import work_on
from notifications.models import Message
from payments import invariants
from payments.models import Payment, Refund

from .depositing import keys, pay, the_booking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def held(api, sam, drain, stripe_app):
    """Jo holds a time: {booking, token, payment}."""
    return api.book(drain, soon(sam)).json()


def test_a_refund_is_asked_for_once_however_often_the_worker_dies_after_asking(api, stripe_app, held):
    pay(stripe_app, held)
    api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "cancelled"}, held["token"])
    refund = Refund.objects.get()
    stripe_app.fault("POST /v1/refunds", reset=True, after=True, times=2)  # carried out, the answer is lost
    work_on(refund)
    work_on(refund)
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(stripe_app.refunds()) == 1


@pytest.fixture
def refund(api, stripe_app, held) -> Refund:
    """Asked for, and not yet by a worker."""
    pay(stripe_app, held)
    for status in ("confirmed", "cancelled"):
        api.patch(f"/api/bookings/{held['booking']['id']}", {"status": status}, held["token"])
    return Refund.objects.get()


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_refund_that_stripe_answered_with_a_500_is_looked_for_and_then_asked_for_under_another_key(
    stripe_app, refund, carried_out
):
    stripe_app.fault("POST /v1/refunds", status=500, after=carried_out)
    work_on(refund)
    refund.refresh_from_db()
    assert (refund.status, refund.dead_at, Payment.objects.get().attention) == ("requested", None, "")
    work_on(refund)
    refund.refresh_from_db()
    assert (refund.status, len(stripe_app.refunds())) == ("succeeded", 1)
    # Stripe repeats its 500 for the first key, however often it is asked.
    expected = [f"pp-rf-{refund.pk}-0"] * 2 + ([] if carried_out else [f"pp-rf-{refund.pk}-1"])
    assert keys(stripe_app, "POST /v1/refunds") == expected


def test_a_refund_of_which_we_heard_nothing_is_asked_for_under_the_same_key(stripe_app, refund):
    stripe_app.fault("POST /v1/refunds", reset=True, times=2)
    work_on(refund)
    work_on(refund)
    assert Refund.objects.get().status == "succeeded"
    assert keys(stripe_app, "POST /v1/refunds") == [f"pp-rf-{refund.pk}-0"] * 3


def test_a_clear_no_to_a_refund_asks_for_a_person_and_is_tried_again_under_another_key(stripe_app, refund):
    stripe_app.fault("POST /v1/refunds", status=400)
    work_on(refund)
    assert Payment.objects.get().attention.startswith("Refund refused by Stripe")
    work_on(refund)
    assert Refund.objects.get().status == "succeeded"
    assert keys(stripe_app, "POST /v1/refunds") == [f"pp-rf-{refund.pk}-{tries}" for tries in (0, 1)]


def test_a_refund_is_not_made_twice_after_stripe_has_forgotten_its_key(api, stripe_app, held):
    pay(stripe_app, held)
    path = f"/api/bookings/{held['booking']['id']}"
    api.patch(path, {"status": "confirmed"}, held["token"])
    Booking.objects.update(
        policy={**the_booking().policy, "late_fee_cents": 2_000, "free_cancellation_hours": 200}
    )
    api.patch(path, {"status": "cancelled"}, held["token"])
    stripe_app.fault("POST /v1/refunds", reset=True, after=True, times=2)
    work_on(Refund.objects.get())  # made, and we never heard of it
    Refund.objects.update(
        created_at=timezone.now() - timedelta(days=3), tries=1
    )  # another key, as good as forgotten
    work_on(Refund.objects.get())
    assert [refund["amount"] for refund in stripe_app.refunds()] == [1_000]
    assert Refund.objects.get().status == "succeeded"


def test_a_hold_that_was_paid_is_cancelled_and_refunded_when_that_is_asked_for(api, stripe_app, held):
    pay(stripe_app, held)
    answer = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "cancelled"}, held["token"])
    assert answer.json()["status"] == "cancelled"
    assert Refund.objects.get().amount_cents == 3_000


def test_a_refund_that_fails_later_is_shown_as_failed_and_both_are_told(api, stripe_app, held):
    pay(stripe_app, held, card="4000000000005126")
    path = f"/api/bookings/{held['booking']['id']}"
    api.patch(path, {"status": "confirmed"}, held["token"])
    api.patch(path, {"status": "cancelled"}, held["token"])
    refund = Refund.objects.get()
    work_on(refund)
    from payments.refund_outcomes import settle_refund
    from payments.stripe_answers import RefundAnswer

    refund.refresh_from_db()
    settle_refund(refund, RefundAnswer(refund.stripe_id, "failed", 3_000, {}), now=timezone.now())
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert Payment.objects.get().refunded_cents == 0
    assert set(
        Message.objects.filter(kind__startswith="refund_failed").values_list("audience", flat=True)
    ) == {
        "customer",
        "tradie",
    }
