"""What is left of a bill is paid once, whatever crosses its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Booking, Status
from notifications.models import Message, WebhookEvent
from notifications.webhooks.endpoints import add_endpoint
from payments import reconciliation
from payments.bills import by_card, standing_of
from payments.models import Bill, Payment, PaymentKind, Refund
from payments.paying_balances import open_balance, payable_cents, settle_balances
from payments.settlement import sync
from payments.totals import Sums, Totals
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable

LATER = timedelta(minutes=31)


@pytest.fixture
def job(paid: Payment) -> Booking:
    """Done, $120 asked for it, of which the deposit of $30 is paid."""
    Booking.objects.update(status=Status.COMPLETED)
    bill(paid.booking, 12_000)
    return Booking.objects.select_related("tradie").get()


def bill(booking: Booking, asked: int, elsewhere: int = 0) -> None:
    """As `invoicing` keeps it."""
    figures = {"asked_cents": asked, "elsewhere_cents": elsewhere}
    Bill.objects.update_or_create(
        booking=booking, defaults=figures, create_defaults={**figures, "asked_at": timezone.now()}
    )


@dataclass(frozen=True)
class Offer:
    amount_cents: int
    client_secret: str


def opened(booking: Booking) -> Offer:
    payment, client_secret = open_balance(booking, now=timezone.now())
    return Offer(payment.amount_cents, client_secret)


def balances() -> list[tuple[str, int, int]]:
    rows = Payment.objects.filter(kind=PaymentKind.BALANCE).order_by("created_at")
    return [(row.status, row.amount_cents, row.reserved_cents) for row in rows]


def balance_events() -> list[dict[str, Any]]:
    return [event.data["balance"] for event in WebhookEvent.objects.filter(type="balance.paid")]


def settle() -> None:
    for payment in Payment.objects.filter(kind=PaymentKind.BALANCE):
        sync(payment, now=timezone.now())


def test_a_balance_that_is_paid_is_told_to_the_systems_of_the_business(job, stripe_app):
    add_endpoint(
        job.tradie, url="https://hooks.example.com/", event_types=["balance.paid"], now=timezone.now()
    )
    stripe_app.pay(opened(job).client_secret)
    for _ in range(2):
        settle()
    payment = Payment.objects.get(kind=PaymentKind.BALANCE)
    assert balance_events() == [
        {
            "id": str(payment.pk),
            "how": "card",
            "amount_cents": 9_000,
            "left_cents": 0,
            "currency": "aud",
            "stripe_payment_intent": payment.intent_id,
        }
    ]


def test_what_is_left_is_asked_for_and_the_same_intent_each_time(job, stripe_app):
    offer = opened(job)
    assert (offer.amount_cents, opened(job)) == (9_000, offer)
    stripe_app.pay(offer.client_secret)
    settle()
    assert balances() == [("succeeded", 9_000, 0)]
    assert standing_of(job).left_cents == 0
    told = Message.objects.filter(kind__startswith="balance_paid").values_list("kind", flat=True)
    assert sorted(told) == ["balance_paid", "balance_paid_tradie"]
    with pytest.raises(BookingNotPayable, match="Nothing is left to pay"):
        opened(job)


@pytest.mark.django_db(transaction=True)
def test_a_price_that_comes_down_while_stripe_is_asked_is_not_paid_as_it_was(job, stripe_app, conductor):
    opening = conductor.start(lambda: opened(job))
    bill(job, 8_000)
    conductor.finish(opening)
    assert isinstance(opening.problem, BookingNotPayable)
    assert opened(job).amount_cents == 5_000
    assert balances() == [("canceled", 9_000, 0), ("open", 5_000, 0)]


def test_the_fee_of_a_balance_is_as_agreed(job, stripe_app, settings):
    settings.APPLICATION_FEE_BASIS_POINTS = 500  # of bookings that are made from now on
    opened(job)
    assert Payment.objects.get(kind="balance").fee_cents == 225


def test_a_no_show_fee_pays_nothing_of_a_job():
    fee, deposit = Sums(7_000), Sums(3_000, refunded_cents=500)
    totals = Totals(kinds={PaymentKind.NO_SHOW_FEE: fee, PaymentKind.DEPOSIT: deposit})
    assert by_card(totals) == 2_500


def test_a_price_that_changed_is_asked_for_anew_and_the_old_amount_can_not_be_paid(job, stripe_app):
    before = opened(job)
    bill(job, 10_000)
    assert opened(job).amount_cents == 7_000
    assert stripe_app.pay(before.client_secret).get("error")
    assert balances() == [("canceled", 9_000, 0), ("open", 7_000, 0)]


def test_paid_before_the_price_came_down_what_is_over_goes_back(job, stripe_app):
    offer = opened(job)
    bill(job, 10_000)
    stripe_app.pay(offer.client_secret)
    settle()
    assert balances() == [("succeeded", 9_000, 2_000)]
    assert Refund.objects.get().reason == "More was paid than the job came to"
    assert standing_of(job).left_cents == 0


def test_paid_by_card_while_it_is_written_down_as_paid_in_cash_the_card_gets_it_back(job, stripe_app):
    offer = opened(job)
    bill(job, 12_000, elsewhere=9_000)
    stripe_app.pay(offer.client_secret)
    settle_balances(job, now=timezone.now())
    assert balances() == [("succeeded", 9_000, 9_000)]


def test_written_down_as_paid_in_cash_its_open_payment_is_closed(job, stripe_app):
    offer = opened(job)
    bill(job, 12_000, elsewhere=9_000)
    settle_balances(job, now=timezone.now())
    assert stripe_app.pay(offer.client_secret).get("error")
    assert balances() == [("canceled", 9_000, 0)]


def test_the_sweep_closes_what_asks_too_much_where_stripe_was_away(job, stripe_app):
    opened(job)
    bill(job, 12_000, elsewhere=1_000)
    stripe_app.fault("GET /v1/payment_intents", reset=True, times=9)
    with pytest.raises(PaymentProviderUnavailable):
        settle_balances(job, now=timezone.now())
    stripe_app.clear_faults()
    reconciliation.sync_unsettled_payments(now=timezone.now() + LATER)
    assert balances() == [("canceled", 9_000, 0)]


def test_more_work_after_it_was_paid_is_a_further_balance(job, stripe_app):
    stripe_app.pay(opened(job).client_secret)
    settle()
    bill(job, 15_000)
    stripe_app.pay(opened(job).client_secret)
    settle()
    assert balances() == [("succeeded", 9_000, 0), ("succeeded", 3_000, 0)]


def test_nothing_can_be_paid_of_a_job_without_a_bill_or_that_is_off(paid, stripe_app):
    with pytest.raises(BookingNotPayable):
        opened(paid.booking)
    bill(paid.booking, 12_000)
    assert payable_cents(paid.booking) == 9_000
    Booking.objects.update(status=Status.CANCELLED)
    paid.booking.refresh_from_db()
    assert payable_cents(paid.booking) == 0
    with pytest.raises(BookingNotPayable):
        opened(paid.booking)


def test_cents_that_no_card_takes_are_not_asked_for(job, stripe_app):
    bill(job, 3_049)
    with pytest.raises(BookingNotPayable, match="card"):
        opened(job)


def test_a_lost_answer_makes_no_second_intent(job, stripe_app):
    stripe_app.fault("POST /v1/payment_intents", reset=True, after=True, times=2)
    with pytest.raises(PaymentProviderUnavailable):
        opened(job)
    offer = opened(job)
    made = [intent for intent in stripe_app.intents() if intent["amount"] == 9_000]
    assert [intent["client_secret"] for intent in made] == [offer.client_secret]
