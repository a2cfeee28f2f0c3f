"""Somebody of the business gives money back: once a press, never more than was paid, and its customer reads one
mail."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from bookings.actors import By
from bookings.models import Actor, BookingEvent, EventKind
from local.testing.cast import owner_of
from local.testing.sent import body, deliver
from local.testing.working import work_on
from notifications.models import Message
from payments import invariants
from payments.cancellations import cancel_booking
from payments.models import Payment, Refund
from payments.refunds_by_hand import refund_by_hand
from peepopay.errors import IdempotencyConflict, ValidationFailed

from .refunding import cancelled, money, pay_for_one, refund_in_stripe, refunds_of, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db):
    yield
    assert invariants.findings(now=timezone.now()) == []


def refund(payment: Payment, cents: int, *, key: uuid.UUID | None = None, **fields: Any) -> list[Refund]:
    booking = payment.booking
    given = {
        "note": "It took less time.",
        "by": By(Actor.TRADIE, owner_of(booking.tradie)),
        "now": timezone.now(),
        **fields,
    }
    return refund_by_hand(booking, cents, key=key or uuid.uuid4(), **given)


def test_a_part_goes_back_with_its_share_of_the_fee(stripe_app, paid):
    (row,) = refund(paid, 1_000)
    assert money(paid) == (0, 1_000)
    work_on(row)
    assert money(paid) == (1_000, 0)
    (made,) = stripe_app.refunds()
    assert (made["amount"], made["metadata"]["refund_id"]) == (1_000, str(row.pk))
    assert "less time" not in str(made)  # what is written to the customer is nobody else's business
    (fee_back,) = [event for event in stripe_app.events() if event["type"] == "application_fee.refunded"]
    assert fee_back["data"]["object"]["amount_refunded"] == 25  # of the 75 cents on $30


def test_history_and_audit_say_who_and_how_much(paid):
    refund(paid, 1_000)
    sam = owner_of(paid.booking.tradie)
    event = BookingEvent.objects.get(kind=EventKind.REFUND_REQUESTED)
    assert (event.user, event.detail) == (sam, "$10: It took less time.")
    assert AuditEntry.objects.get(kind="refund_requested").detail == "$10"


def test_one_press_however_often_is_one_refund(stripe_app, paid):
    key = uuid.uuid4()
    first, second = (refund(paid, 1_000, key=key) for _ in range(2))
    assert first == second
    work_on(first[0])
    assert refund(paid, 1_000, key=key) == first
    assert (money(paid), len(stripe_app.refunds()), told(paid)) == ((1_000, 0), 1, ["refund_sent"])


def test_two_presses_of_equal_amount_are_two_refunds(stripe_app, paid):
    for _ in range(2):
        for row in refund(paid, 1_000):
            work_on(row)
    assert [made["amount"] for made in stripe_app.refunds()] == [1_000, 1_000]
    assert (money(paid), told(paid)) == ((2_000, 0), ["refund_sent", "refund_sent"])


def test_another_amount_under_the_same_key_is_refused(paid):
    key = uuid.uuid4()
    refund(paid, 1_000, key=key)
    with pytest.raises(IdempotencyConflict):
        refund(paid, 2_000, key=key)
    assert money(paid) == (0, 1_000)


@pytest.mark.parametrize(
    ("cents", "why"), [(3_001, "Only $30 is left"), (0, "Write how much"), (-5, "Write how much")]
)
def test_more_than_was_paid_is_refused(paid, cents, why):
    with pytest.raises(ValidationFailed) as refused:
        refund(paid, cents)
    assert why in refused.value.fields["amount_cents"][0]
    assert money(paid) == (0, 0)


def test_what_went_back_in_stripe_unheard_is_found_out_and_the_rest_goes(stripe_app, paid):
    refund_in_stripe(paid, 2_500)
    work_on(refund(paid, 1_000)[0])
    (rest,) = Refund.objects.filter(status="requested")
    work_on(rest)
    assert money(paid) == (3_000, 0)
    assert sorted(refunds_of(paid)) == [  # what is found and what it leaves are written down at one moment
        ("external", "succeeded", 2_500),
        ("ours", "not_needed", 1_000),
        ("ours", "succeeded", 500),
    ]


@pytest.mark.parametrize("same_key", [True, False], ids=["one press", "distinct"])
def test_of_fifty_at_once_no_more_goes_back_than_was_paid(paid, same_key):
    """One press is one effect; of distinct ones of $10 three fit into $30, and the rest are told so."""
    key = uuid.uuid4()

    def press(_: int) -> str:
        try:
            refund(paid, 1_000, key=key if same_key else uuid.uuid4())
        except ValidationFailed as refusal:
            return refusal.message
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(10) as pool:
        came_of_it = Counter(pool.map(press, range(50)))
    rows = 1 if same_key else 3
    assert (money(paid), paid.refunds.count()) == ((0, rows * 1_000), rows)
    assert came_of_it == ({"done": 50} if same_key else {"done": 3, "Nothing is left to give back.": 47})


def test_of_refunds_and_cancels_at_once_no_more_goes_back_than_was_paid(paid):
    def press(number: int) -> None:
        try:
            if number % 2:
                refund(paid, 700)
            else:
                cancel_booking(paid.booking, by=By(Actor.TRADIE), now=timezone.now())
        except ValidationFailed:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(press, range(30)))
    assert money(paid) == (0, 3_000)
    assert Message.objects.filter(kind="booking_cancelled_by_tradie", channel="email").count() == 1


def test_sent_within_a_minute_the_customer_gets_one_mail(stripe_app, paid, sent):
    (row,) = refund(paid, 1_000)
    assert told(paid) == ["refund_requested"]
    work_on(row)
    assert (told(paid), told(paid, skipped=True)) == (["refund_sent"], ["refund_requested"])
    deliver(Message.objects.get(kind="refund_sent"), now=timezone.now())
    (mail,) = sent.mails
    assert mail["Subject"] == "Refund sent: $10 from Sam's Plumbing"
    assert "It took less time." in body(mail, "plain")


def test_while_stripe_is_away_the_customer_hears_first_that_it_is_on_its_way(stripe_app, paid, sent):
    stripe_app.fault("POST /v1/refunds", status=500, times=2)
    (row,) = refund(paid, 1_000)
    work_on(row)
    asked = Message.objects.get(kind="refund_requested")
    assert asked.due_at - row.created_at == timedelta(minutes=1)
    work_on(asked)
    work_on(row)
    assert told(paid) == ["refund_requested", "refund_sent"]
    deliver(Message.objects.get(kind="refund_sent"), now=timezone.now())
    first, second = (body(mail, "plain") for mail in sent.mails)
    assert "Sam's Plumbing is sending $10 back to the card you paid with." in first
    assert ("It took less time." in first, "It took less time." in second) == (True, False)


def test_where_peepopay_took_no_fee_none_is_asked_back(api, drain, stripe_app, settings):
    """Stripe refuses a refund that asks for a fee which was never taken."""
    settings.APPLICATION_FEE_BASIS_POINTS = 0
    refund = cancelled(pay_for_one(api, drain, stripe_app))
    work_on(refund)
    assert refund.status == "succeeded"
    assert [fee["amount_refunded"] for fee in stripe_app.fees()] == []
    (asked,) = stripe_app.requests("POST /v1/refunds")
    assert "refund_application_fee" not in str(asked)
