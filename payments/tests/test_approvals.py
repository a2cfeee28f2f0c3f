"""Services that the tradie approves first, with a deposit: the card holds it, a yes takes it, or it is let go of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.actors import CUSTOMER
from bookings.models import Booking, Status
from local.testing.cast import make_service, soon
from notifications.models import Message
from payments import approvals, cancellations, card_holds, checkout, expiry, invariants, reconciliation
from payments.models import CardHold, Payment, PaymentStatus, Refund
from payments.settlement import sync
from payments.totals import totals_of

from .approving import LATER, SAM, end_hold, ends_as, history, pay, state, the_booking, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def held(api, sam, stripe_app) -> Any:
    """Jo holds a time of a job that Sam approves first: {booking, token, payment}."""
    job = make_service(sam, name="Bathroom", requires_approval=True)
    return api.book(job, soon(sam)).json()


@pytest.fixture
def asked(stripe_app, held) -> Booking:
    """Jo's card holds $30, and Sam is asked."""
    pay(stripe_app, held)
    sync(Payment.objects.get(), now=timezone.now())
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)
    return the_booking()


def test_paying_only_holds_the_deposit_and_asks_the_tradie(api, stripe_app, held):
    assert pay(stripe_app, held)["status"] == "requires_capture"
    answer = api.patch(
        f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"]
    ).json()
    assert (answer["status"], answer["paid_cents"], answer["authorised_cents"]) == ("requested", 0, 3_000)
    assert answer["answer_by"] == answer["start"]
    assert totals_of(the_booking()).authorised_cents == 3_000
    assert told() == {("booking_requested", "customer"), ("booking_requested_tradie", "tradie")}
    (intent,) = stripe_app.intents()
    assert (intent["capture_method"], intent["amount_received"]) == ("manual", 0)


def test_a_yes_takes_the_deposit_and_then_it_is_booked(stripe_app, asked):
    assert approvals.approve(asked, by=SAM, now=timezone.now()) is True
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)  # nothing is sure before Stripe has it
    assert end_hold().done_at
    assert state() == (Status.CONFIRMED, PaymentStatus.SUCCEEDED)
    assert ends_as(stripe_app) == ["succeeded"]
    assert ("booking_confirmed", "customer") in told()
    assert history()[-3:] == [("approved", "tradie"), ("paid", "customer"), ("confirmed", "system")]


def test_a_second_yes_changes_nothing(stripe_app, asked):
    answers = [approvals.approve(asked, by=SAM, now=timezone.now()) for _ in range(2)]
    assert answers == [True, False]
    end_hold()
    assert len(stripe_app.requests("POST .*/capture")) == 1


@pytest.mark.parametrize(
    "fault", [{"reset": True}, {"reset": True, "after": True}, {"status": 500}, {"page": True, "after": True}]
)
def test_a_deposit_whose_taking_met_trouble_is_taken_once(stripe_app, asked, fault):
    approvals.approve(asked, by=SAM, now=timezone.now())
    stripe_app.fault("POST .*/capture", times=2, **fault)
    if end_hold().done_at is None:
        assert the_booking().status == Status.REQUESTED
        assert end_hold().done_at
    assert state() == (Status.CONFIRMED, PaymentStatus.SUCCEEDED)
    assert ends_as(stripe_app) == ["succeeded"]


def test_a_yes_on_an_account_that_is_gone_is_told_at_once(stripe_app, asked):
    """Nobody told us that its business disconnected us: Stripe is asked there and then, not within half a day."""
    stripe_app.disconnect("acct_demo_joe")
    assert approvals.approve(asked, by=SAM, now=timezone.now()) is True
    assert end_hold().done_at
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert {("payments_stopped", "tradie"), ("card_refused_tradie", "tradie")} <= told()


def test_a_no_lets_go_of_the_deposit(stripe_app, asked):
    assert approvals.decline(asked, by=SAM, now=timezone.now(), reason="Too far") is True
    assert end_hold().done_at
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert ends_as(stripe_app) == ["canceled"]
    assert ("booking_declined", "customer") in told()


def test_what_is_to_be_let_go_of_is_not_taken_whatever_was_wanted_before(stripe_app, asked):
    payment = Payment.objects.get()
    for end in (card_holds.take, card_holds.let_go):
        end(payment, now=timezone.now())
    assert end_hold().done_at
    assert ends_as(stripe_app) == ["canceled"]


def test_a_customer_who_cancels_before_the_answer_pays_nothing(stripe_app, asked):
    cancellations.cancel_booking(asked, by=CUSTOMER, now=timezone.now())
    end_hold()
    assert state() == (Status.CANCELLED, PaymentStatus.CANCELED)
    assert ends_as(stripe_app) == ["canceled"]
    assert Message.objects.get(kind="booking_cancelled").facts["outcome"].startswith("Nothing was paid")


def test_a_customer_who_cancels_while_the_deposit_is_taken_gets_all_of_it_back(stripe_app, asked):
    """However late it is: the policy is about bookings, and this never was one."""
    Booking.objects.update(policy={**asked.policy, "free_cancellation_hours": 500, "no_refund_hours": 400})
    approvals.approve(asked, by=SAM, now=timezone.now())
    payment = Payment.objects.get()
    stripe_client_captures(payment)
    cancellations.cancel_booking(asked, by=CUSTOMER, now=timezone.now())
    end_hold()
    assert state() == (Status.CANCELLED, PaymentStatus.SUCCEEDED)
    assert Refund.objects.get().amount_cents == 3_000


def stripe_client_captures(payment: Payment) -> None:
    """By a worker that died before it could say so, or by hand in Sam's Stripe dashboard."""
    from payments import stripe_gateway

    stripe_gateway.capture_intent(payment.account_id, payment.intent_id or "")


def test_a_deposit_that_the_tradie_takes_in_their_stripe_dashboard_is_a_yes(stripe_app, asked):
    payment = Payment.objects.get()
    stripe_client_captures(payment)
    sync(payment, now=timezone.now())
    assert state() == (Status.CONFIRMED, PaymentStatus.SUCCEEDED)


@pytest.mark.parametrize("approved", [True, False])
def test_a_hold_that_the_bank_has_let_go_of_ends_the_request(stripe_app, asked, approved):
    if approved:
        approvals.approve(asked, by=SAM, now=timezone.now())
    from payments import stripe_gateway

    payment = Payment.objects.get()
    stripe_gateway.cancel_intent(payment.account_id, payment.intent_id or "")  # as Stripe does after a week
    if approved:
        end_hold()
    else:
        sync(payment, now=timezone.now())
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert {("card_refused", "customer"), ("card_refused_tradie", "tradie")} <= told()


def test_a_clear_no_to_taking_it_ends_the_request_and_lets_go(stripe_app, asked):
    approvals.approve(asked, by=SAM, now=timezone.now())
    stripe_app.fault("POST .*/capture", status=402)
    assert end_hold().done_at
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)
    assert ("card_refused", "customer") in told()


def test_nothing_is_taken_once_the_job_has_begun(stripe_app, asked):
    approvals.approve(asked, by=SAM, now=timezone.now())
    assert approvals.end_hold(CardHold.objects.get(), now=asked.starts_at) == {}
    assert ends_as(stripe_app) == ["canceled"]


def test_nothing_is_taken_for_a_booking_that_is_off_by_then(stripe_app, asked):
    """Whatever the row still says: as after a repair by hand."""
    approvals.approve(asked, by=SAM, now=timezone.now())
    Booking.objects.update(status=Status.CANCELLED)
    assert end_hold().done_at
    assert ends_as(stripe_app) == ["canceled"]


def test_a_yes_comes_too_late_once_the_job_has_begun(asked):
    assert approvals.approve(asked, by=SAM, now=asked.starts_at) is False
    assert not CardHold.objects.exists()


def test_a_request_that_was_answered_meanwhile_does_not_lapse(stripe_app, asked):
    """Between being found by the sweep and being locked."""
    now = timezone.now()
    approvals.approve(asked, by=SAM, now=now)
    assert approvals.lapse(asked, now=now) is False
    assert end_hold().done_at
    assert state() == (Status.CONFIRMED, PaymentStatus.SUCCEEDED)


def test_the_sweep_leaves_a_hold_alone_for_as_long_as_it_is_asked_for(stripe_app, asked):
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(hours=1)) == 1
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)


def test_the_sweep_lets_go_of_what_nobody_waits_for(stripe_app, asked):
    """As it would be if the row that asks for it had been lost."""
    approvals.decline(asked, by=SAM, now=timezone.now())
    CardHold.objects.all().delete()
    reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(hours=1))
    assert state() == (Status.DECLINED, PaymentStatus.CANCELED)


def test_a_webhook_tells_us_of_the_hold(stripe_app, held, client):
    from payments import inbox
    from payments.models import StripeEvent

    pay(stripe_app, held)
    (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.amount_capturable_updated"]
    row = StripeEvent(
        id=event["id"],
        type=event["type"],
        account_id=event["account"],
        object_id=event["data"]["object"]["id"],
        created_at=datetime.fromtimestamp(event["created"], tz=timezone.get_current_timezone()),
    )
    inbox.act_on(row, now=timezone.now())
    assert state() == (Status.REQUESTED, PaymentStatus.AUTHORISED)


def test_a_request_is_not_payable_again(stripe_app, asked):
    assert checkout.offer_payment(asked, None, now=timezone.now()) is None


def test_approving_by_the_api_answers_that_it_is_on_its_way(asked, sam, client):
    from local.testing.cast import owner_of

    client.force_login(owner_of(sam))
    for _ in range(2):
        answer = client.patch(
            f"/api/bookings/{asked.pk}", {"status": "confirmed"}, content_type="application/json"
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "requested")
    end_hold()
    answer = client.get(f"/api/bookings/{asked.pk}").json()
    assert (answer["status"], answer["paid_cents"]) == ("confirmed", 3_000)


def test_a_card_that_was_approved_in_the_moment_in_which_the_hold_lapsed_is_told_of(
    stripe_app, held, stripe_client
):
    """Between our look at the intent and our cancelling it: no row ever said that the card was approved."""
    from payments import inbox
    from payments.models import StripeEvent

    pay(stripe_app, held)
    payment = Payment.objects.get()
    stripe_client.v1.payment_intents.cancel(payment.intent_id, None, {"stripe_account": payment.account_id})
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert (the_booking().status, Payment.objects.get().status) == (Status.EXPIRED, PaymentStatus.CANCELED)
    assert told() == set()
    (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.amount_capturable_updated"]
    row = StripeEvent(
        id=event["id"],
        type=event["type"],
        account_id=event["account"],
        object_id=event["data"]["object"]["id"],
        created_at=timezone.now(),
    )
    for _ in range(2):
        inbox.act_on(row, now=timezone.now())
    assert the_booking().status == Status.LOST
    assert Message.objects.filter(kind="booking_lost", channel="email").count() == 1
