"""Refunds made in the tradie's own Stripe dashboard: noticed, counted, told, and in nobody's way."""

from __future__ import annotations

import pytest
from django.utils import timezone

from bookings.models import Actor, Booking, BookingEvent, EventKind
from local.testing.cast import make_booking, soon
from local.testing.working import work_on
from payments import invariants
from payments.external_refunds import compare_refunds
from payments.models import Payment, Refund
from payments.outcomes import outcome_of
from payments.refunds import request_refund, send_refund
from payments.totals import totals_of

from .interleaving import Fate
from .refunding import cancelled, money, refund_in_stripe, refunds_of, told, webhooks_arrive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now()) == []


def test_a_refund_made_in_stripe_becomes_a_row_and_counts(stripe_app, paid):
    refund_in_stripe(paid, 1_000)
    webhooks_arrive(stripe_app, "charge.refunded")
    assert (refunds_of(paid), money(paid)) == ([("external", "succeeded", 1_000)], (1_000, 0))
    assert told(paid) == ["refund_sent"]
    event = BookingEvent.objects.get(kind=EventKind.REFUNDED)
    assert (event.actor, event.detail) == ("tradie", "$10, made in the Stripe dashboard")
    assert (
        outcome_of(paid.booking, totals_of(paid.booking), actor=Actor.TRADIE, now=timezone.now()).refund_cents
        == 2_000
    )


def test_looking_again_changes_nothing(stripe_app, paid):
    refund_in_stripe(paid, 1_000)
    for _ in range(2):
        compare_refunds(paid, now=timezone.now())
        webhooks_arrive(stripe_app, "charge.refunded", "refund.updated")
    assert (refunds_of(paid), told(paid)) == ([("external", "succeeded", 1_000)], ["refund_sent"])


def test_our_own_refund_is_not_taken_for_one_made_elsewhere_though_we_never_heard_of_it(
    stripe_app, paid, conductor
):
    refund = cancelled(paid)
    asking = conductor.start(lambda: send_refund(refund, now=timezone.now()))
    conductor.answer(asking, Fate.ON_ITS_WAY)  # Stripe has made it, its answer is on its way
    webhooks_arrive(stripe_app, "charge.refunded")
    conductor.finish(asking)
    assert (refunds_of(paid), money(paid)) == ([("ours", "succeeded", 3_000)], (3_000, 0))


def test_a_cancel_afterwards_gives_back_only_what_is_left(stripe_app, paid):
    refund_in_stripe(paid, 1_000)
    compare_refunds(paid, now=timezone.now())
    work_on(cancelled(paid))
    assert refunds_of(paid) == [("external", "succeeded", 1_000), ("ours", "succeeded", 2_000)]
    assert money(paid) == (3_000, 0)


def test_a_cancel_before_we_hear_of_it_finds_out_and_asks_for_nothing_more(stripe_app, paid):
    refund_in_stripe(paid, 3_000)
    refund = cancelled(paid)
    work_on(refund)
    assert (refund.status, bool(refund.done_at), refund.dead_at) == ("not_needed", True, None)
    assert refunds_of(paid) == [("ours", "not_needed", 3_000), ("external", "succeeded", 3_000)]
    assert (money(paid), paid.attention, told(paid)) == ((3_000, 0), "", ["refund_sent"])


def test_a_cancel_before_we_hear_of_a_part_asks_for_the_rest(stripe_app, paid):
    refund_in_stripe(paid, 1_000)
    work_on(cancelled(paid))
    rest = Refund.objects.get(status="requested")
    assert (rest.amount_cents, rest.instead_of.status, money(paid)) == (2_000, "not_needed", (1_000, 2_000))
    work_on(rest)
    assert (money(paid), paid.attention) == ((3_000, 0), "")
    assert sorted(made["amount"] for made in stripe_app.refunds()) == [1_000, 2_000]


def test_ours_steps_back_when_the_event_comes_before_its_worker(stripe_app, paid):
    refund = cancelled(paid)
    refund_in_stripe(paid, 1_000)
    webhooks_arrive(stripe_app, "charge.refunded")
    refund.refresh_from_db()
    assert refund.status == "not_needed"
    work_on(Refund.objects.get(status="requested"))
    assert money(paid) == (3_000, 0)


def test_one_that_was_given_up_steps_back_as_well(stripe_app, paid):
    refund = cancelled(paid)
    Refund.objects.update(dead_at=timezone.now())
    refund_in_stripe(paid, 3_000)
    compare_refunds(paid, now=timezone.now())
    refund.refresh_from_db()
    assert (refund.status, refund.dead_at, money(paid)) == ("not_needed", None, (3_000, 0))


def test_one_that_fails_afterwards_is_money_that_may_go_back_again(stripe_app, paid):
    made = refund_in_stripe(paid, 3_000)
    compare_refunds(paid, now=timezone.now())
    stripe_app.fail_refund(made.id)
    webhooks_arrive(stripe_app, "refund.failed")
    assert (refunds_of(paid), money(paid)) == ([("external", "failed", 3_000)], (0, 0))
    assert told(paid) == ["refund_failed", "refund_failed_tradie", "refund_sent"]


def test_one_that_came_to_nothing_before_we_heard_of_it_is_nothing(stripe_app, paid):
    stripe_app.fail_refund(refund_in_stripe(paid, 3_000).id)
    compare_refunds(paid, now=timezone.now())
    assert (refunds_of(paid), told(paid)) == ([], [])


def test_one_that_waits_for_funds_is_reserved_until_it_is_sent(stripe_app, paid):
    stripe_app.set_balance("waits")
    refund_in_stripe(paid, 1_000)
    compare_refunds(paid, now=timezone.now())
    assert (refunds_of(paid), money(paid)) == ([("external", "submitted", 1_000)], (0, 1_000))
    stripe_app.set_balance("enough")
    webhooks_arrive(stripe_app, "refund.updated")
    assert (refunds_of(paid), money(paid)) == ([("external", "succeeded", 1_000)], (1_000, 0))


@pytest.mark.parametrize("is_gone", [False, True])
def test_one_of_a_payment_that_we_had_not_heard_of_counts_once_we_have(stripe_app, api, sam, drain, is_gone):
    """Also where all of the money goes back at once, because the hold had lapsed and the time is over."""
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    payment = Payment.objects.get()
    if is_gone:
        Booking.objects.update(status="expired", held_until=None)
        make_booking(drain, soon(sam), status="requested", deposit_cents=0)
    refund_in_stripe(payment, 1_000)
    webhooks_arrive(stripe_app, "charge.refunded")
    for row in Refund.objects.filter(status="requested"):
        work_on(row)
    assert payment.booking.events.filter(kind=EventKind.PAID).count() == 1
    assert money(payment) == ((3_000, 0) if is_gone else (1_000, 0))


def test_one_that_gets_through_while_it_is_called_off_counts_and_the_others_step_back(
    stripe_app, paid, conductor
):
    first, second = (request_refund(paid, 1_000, reason="", now=timezone.now()) for _ in range(2))
    asking = conductor.start(lambda: send_refund(second, now=timezone.now()))
    refund_in_stripe(paid, 2_000)  # and of ours there is room for one
    compare_refunds(paid, now=timezone.now())
    first.refresh_from_db()
    assert first.status == "not_needed"  # nobody had asked for it
    Refund.objects.filter(pk=second.pk).update(status="not_needed", done_at=timezone.now())
    Refund.objects.filter(pk=first.pk).update(status="requested", done_at=None)
    conductor.finish(asking)
    second.refresh_from_db()
    assert (second.status, money(paid)) == ("succeeded", (3_000, 0))
    assert sorted(made["amount"] for made in stripe_app.refunds()) == [1_000, 2_000]


@pytest.mark.parametrize("fate", list(Fate))
def test_whatever_becomes_of_the_call_the_money_goes_back_once(stripe_app, paid, conductor, fate):
    """Sam refunds a part in Stripe while our worker asks for all of it."""
    refund = cancelled(paid)
    asking = conductor.start(lambda: work_on(refund))
    refund_in_stripe(paid, 1_000)
    while not asking.is_over:
        conductor.answer(asking, Fate.ANSWERED if asking.is_carried_out else fate)
    stripe_app.clear_faults()
    webhooks_arrive(stripe_app, "charge.refunded")
    for _ in range(3):
        for row in Refund.objects.filter(status="requested"):
            Refund.objects.filter(pk=row.pk).update(dead_at=None)
            work_on(row)
    assert money(paid) == (3_000, 0)
    assert sorted(made["amount"] for made in stripe_app.refunds()) == [1_000, 2_000]
