"""A quote that is paid for late, twice, or while it changes: one job, and what else was paid goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking, Status
from invoicing import quotes
from invoicing.quote_lapses import tell_lapsed
from invoicing.quote_models import Quote
from invoicing.quote_states import QuoteState
from local.testing.quoting import NO_DEPOSIT, accepted, sent_quote, writing
from payments import deposits, expiry, invariants, settlement
from payments.models import Payment, Refund
from peepopay.errors import AppError, BookingNotChangeable

from .accepting import LATER, at, listen, pay, settle, state, told_of_quotes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_at_the_end(db: None) -> Any:
    yield
    assert invariants.findings(now=timezone.now() + timedelta(minutes=5)) == []


@pytest.fixture
def offer(sam: Tradie, drain: Service, stripe_app: Any) -> Quote:
    """Sam's quote to Jo, sent: $1,800, $100 of it now."""
    return sent_quote(drain)


def test_many_sweeps_at_once_tell_of_a_lapsed_quote_once(offer: Quote) -> None:
    listen(offer.tradie)
    last = offer.valid_until
    assert last

    def sweep(now: datetime) -> int:
        try:
            return tell_lapsed(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        assert sum(workers.map(sweep, [last] * 6)) == 1
    assert [kind for kind, _ in told_of_quotes()].count("quote.lapsed") == 1


@pytest.mark.parametrize("deposit", [NO_DEPOSIT, None], ids=["no deposit", "deposit"])
def test_many_who_accept_at_once_make_one_job(drain: Service, stripe_app: Any, deposit: Any) -> None:
    """Eight phones, each with a time of its own."""
    offer = sent_quote(drain, **({"deposit": deposit} if deposit else {}))
    starts = [at(offer, hour=hour, days=days) for days in (3, 4) for hour in (7, 9, 11, 13)]

    def press(starts_at: datetime) -> Any:
        try:
            return accepted(offer, starts_at).pk
        except AppError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as phones:
        answers = list(phones.map(press, starts))
    live = Booking.objects.filter(quote_id=offer.pk).exclude(status__in=(Status.EXPIRED, Status.LOST))
    assert live.count() == 1
    assert set(answers) <= {live.get().pk, "SERVICE_UNAVAILABLE", "PAYMENT_PROVIDER_UNAVAILABLE"}
    assert live.get().pk in answers
    assert len([intent for intent in stripe_app.intents() if intent["status"] != "canceled"]) == (not deposit)


def test_paid_in_two_tabs_after_both_holds_lapsed_one_is_the_job_and_the_other_goes_back(
    stripe_app: Any, offer: Quote
) -> None:
    first = accepted(offer, at(offer))
    secret = deposits.open_deposit(first, now=timezone.now()).client_secret
    # Stripe is away when the hold is to be ended, so its intent can still be paid; the row is given up by hand.
    Booking.objects.filter(pk=first.pk).update(status=Status.EXPIRED, held_until=None)
    second = accepted(offer, at(offer, hour=12))
    pay(stripe_app, second)
    stripe_app.pay(secret)
    for payment in Payment.objects.order_by("-created_at"):
        settlement.settle(payment, now=timezone.now())
    assert Booking.objects.get(pk=second.pk).status == Status.CONFIRMED
    assert Booking.objects.get(pk=first.pk).status == Status.LOST
    refund = Refund.objects.get()
    assert (refund.payment.booking_id, refund.amount_cents) == (first.pk, 10_000)


def test_paid_late_it_is_the_job_after_all_as_long_as_the_quote_stands(stripe_app: Any, offer: Quote) -> None:
    held = accepted(offer, at(offer))
    pay(stripe_app, held)
    Booking.objects.filter(pk=held.pk).update(status=Status.EXPIRED, held_until=None)
    listen(offer.tradie)
    settle()
    assert (Booking.objects.get().status, state(offer)) == (Status.CONFIRMED, QuoteState.ACCEPTED)
    assert told_of_quotes() == [("quote.accepted", str(held.pk))]


@pytest.mark.parametrize("change", ["withdraw", "send"])
def test_paid_late_for_a_quote_that_was_changed_or_withdrawn_it_goes_back(
    stripe_app: Any, drain: Service, offer: Quote, change: str
) -> None:
    held = accepted(offer, at(offer))
    pay(stripe_app, held)
    Booking.objects.filter(pk=held.pk).update(status=Status.EXPIRED, held_until=None)
    if change == "withdraw":
        quotes.withdraw(offer, now=timezone.now())
    else:
        quotes.send(drain.tradie, writing(drain, title="Dearer"), now=timezone.now(), quote=offer)
    listen(drain.tradie)
    settle()
    assert Booking.objects.get().status == Status.LOST
    assert Refund.objects.get().amount_cents == 10_000
    assert told_of_quotes() == []


def test_while_somebody_pays_it_is_neither_changed_nor_withdrawn(drain: Service, offer: Quote) -> None:
    accepted(offer, at(offer))
    for change in (
        lambda: quotes.withdraw(offer, now=timezone.now()),
        lambda: quotes.send(drain.tradie, writing(drain), now=timezone.now(), quote=offer),
    ):
        with pytest.raises(BookingNotChangeable, match="just paying"):
            change()
    expiry.expire_holds(now=timezone.now() + LATER)
    quotes.withdraw(offer, now=timezone.now())
    assert state(offer) == QuoteState.WITHDRAWN


def test_it_may_lapse_while_somebody_pays_and_is_theirs_all_the_same(stripe_app: Any, offer: Quote) -> None:
    held = accepted(offer, at(offer))
    Quote.objects.filter(pk=offer.pk).update(valid_until=timezone.now())
    assert state(offer) == QuoteState.SENT
    pay(stripe_app, held)
    settle()
    assert state(offer) == QuoteState.ACCEPTED
