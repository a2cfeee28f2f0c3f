"""A customer accepts a quote, takes a time and pays: one job, at the price they read, whatever else happens. The
invariants are looked at after each test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER, By
from bookings.details import Attempt
from bookings.models import Actor, Booking, Status
from bookings.rebooking import rebook
from invoicing import quotes
from invoicing.quote_acceptance import accept, let_go
from invoicing.quote_models import Quote, QuoteStatus
from invoicing.quote_states import QuoteState, job_of
from local.testing.cast import make_booking, soon
from local.testing.quoting import NO_DEPOSIT, accepted, reread, sent_quote, writing
from payments import checkout, expiry, invariants
from payments.cancellations import cancel_booking
from peepopay.errors import BookingNotChangeable, SlotUnavailable, ValidationFailed

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


def test_accepting_holds_the_time_and_paying_makes_the_job(stripe_app: Any, offer: Quote) -> None:
    listen(offer.tradie)
    held = accepted(offer, at(offer))
    assert (held.status, state(offer)) == (Status.PENDING, QuoteState.SENT)
    pay(stripe_app, held)
    assert told_of_quotes() == []
    for _ in range(2):
        settle()
    job = Booking.objects.get()
    assert (job.status, state(offer)) == (Status.CONFIRMED, QuoteState.ACCEPTED)
    assert told_of_quotes() == [("quote.accepted", str(job.pk))]
    assert (job.price_cents, job.deposit_cents, job.duration_minutes) == (180_000, 10_000, 120)
    assert job.service_name == "New hot water system"
    assert (job.customer_name, job.address_suburb) == ("Jo Citizen", "Newtown")
    assert [line.written for line in job.terms.quote_lines] == [
        ("Hot water system", "$1,500"),
        ("Fitting, hours (2.5 \N{MULTIPLICATION SIGN} $120)", "$300"),
    ]


def test_without_a_deposit_the_job_is_booked_at_once_and_is_theirs(drain: Service) -> None:
    offer = sent_quote(drain, deposit=NO_DEPOSIT)
    job = accepted(offer, at(offer))
    job.refresh_from_db()
    assert job.status == Status.CONFIRMED
    assert job.acknowledged_at is not None


def test_price_lines_and_policy_stay_whatever_the_service_says_by_then(drain: Service, offer: Quote) -> None:
    Service.objects.filter(pk=drain.pk).update(
        price_cents=9_999, duration_minutes=30, free_cancellation_hours=48, is_active=False
    )
    held = accepted(offer, at(offer))
    assert (held.price_cents, held.duration_minutes) == (180_000, 120)
    assert held.terms.policy.free_cancellation_hours == 24


def test_the_job_needs_room_for_as_long_as_it_was_quoted(drain: Service, offer: Quote) -> None:
    make_booking(drain, at(offer, hour=10), deposit_cents=0)  # an hour's job would still fit before it
    with pytest.raises(SlotUnavailable) as refusal:
        accepted(offer, at(offer, hour=9))
    assert len(refusal.value.alternatives) == 3
    with pytest.raises(ValidationFailed):
        accepted(offer, at(offer, hour=15))  # they close at four
    assert accepted(offer, at(offer, hour=8)).status == Status.PENDING


def test_a_hold_that_lapses_unpaid_leaves_the_quote_open(offer: Quote) -> None:
    accepted(offer, at(offer))
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert state(offer) == QuoteState.SENT
    assert accepted(offer, at(offer, hour=11)).status == Status.PENDING
    assert Booking.objects.filter(quote_id=offer.pk).count() == 2


def test_another_time_instead_moves_the_hold_and_its_payment(stripe_app: Any, offer: Quote) -> None:
    first = accepted(offer, at(offer))
    again = accepted(offer, at(offer, hour=12))
    assert (again.pk, again.starts_at) == (first.pk, at(offer, hour=12))
    assert again.price_cents == 180_000
    assert len(stripe_app.intents()) == 1


def test_the_same_press_again_gives_the_same_hold(stripe_app: Any, offer: Quote) -> None:
    assert accepted(offer, at(offer)).pk == accepted(offer, at(offer)).pk
    assert len(stripe_app.intents()) == 1


def test_once_accepted_it_gives_the_job_that_there_is(drain: Service) -> None:
    offer = sent_quote(drain, deposit=NO_DEPOSIT)
    job = accepted(offer, at(offer))
    assert accepted(offer, at(offer, hour=13)).pk == job.pk
    assert Booking.objects.count() == 1
    with pytest.raises(BookingNotChangeable, match="accepted already"):
        quotes.decline(offer, version=1, reason="", now=timezone.now())


@pytest.mark.parametrize("deposit", [NO_DEPOSIT, None], ids=["no deposit", "deposit"])
def test_a_job_that_is_booked_again_takes_its_quote_along(
    drain: Service, stripe_app: Any, deposit: Any
) -> None:
    """Once it is certain; a hold that lapses leaves the quote where it was."""
    listen(drain.tradie)
    offer = sent_quote(drain, **({"deposit": deposit} if deposit else {}))
    off, now = accepted(offer, at(offer)), timezone.now()
    if not deposit:
        pay(stripe_app, off)
        settle()
    cancel_booking(Booking.objects.get(), by=By(Actor.TRADIE), now=now)
    off = Booking.objects.get()
    for hour in (11, 13) if not deposit else (11,):
        again = rebook(off, at(offer, hour=hour), now=now)
        if not deposit:
            assert job_of(offer) == off
        if hour == 11 and not deposit:
            assert expiry.expire_holds(now=now + LATER) == 1
    if not deposit:
        pay(stripe_app, again)
        settle()
    off.refresh_from_db()
    again.refresh_from_db()
    assert (again.status, again.quote_id, off.quote_id) == (Status.CONFIRMED, offer.pk, None)
    assert (job_of(offer), state(offer)) == (again, QuoteState.ACCEPTED)
    assert again.terms.quote_lines == off.terms.quote_lines
    assert told_of_quotes() == [("quote.sent", None), ("quote.accepted", str(off.pk))]
    assert accepted(offer, at(offer, hour=8)).pk == again.pk


def test_what_lapsed_was_withdrawn_or_declined_cannot_be_accepted(drain: Service, offer: Quote) -> None:
    after = timezone.now() + timedelta(days=16)
    with pytest.raises(BookingNotChangeable, match="has lapsed"):
        accepted(offer, soon(offer.tradie, days=20), now=after)
    quotes.decline(offer, version=1, reason="Too dear", now=timezone.now())
    with pytest.raises(BookingNotChangeable, match="You declined"):
        accepted(offer, at(offer))
    quotes.send(drain.tradie, writing(drain), now=timezone.now(), quote=offer)
    quotes.withdraw(offer, now=timezone.now())
    with pytest.raises(BookingNotChangeable, match="has withdrawn"):
        accepted(offer, at(offer))
    assert not Booking.objects.exists()


def test_withdrawn_between_the_look_and_the_press_nothing_is_booked(offer: Quote) -> None:
    """As the rule sees it whose copy of the quote is a moment old."""
    old = reread(offer)
    quotes.withdraw(offer, now=timezone.now())
    with pytest.raises(BookingNotChangeable, match="has withdrawn"):
        accept(old, version=1, starts_at=at(offer), attempt=Attempt(), now=timezone.now())
    assert not Booking.objects.exists()


def test_another_version_than_the_one_that_was_read_cannot_be_accepted(drain: Service, offer: Quote) -> None:
    old = reread(offer)
    quotes.send(drain.tradie, writing(drain, title="Dearer"), now=timezone.now(), quote=offer)
    with pytest.raises(BookingNotChangeable, match="changed after you opened"):
        accepted(offer, at(offer), version=1)
    with pytest.raises(BookingNotChangeable, match="changed after you opened"):
        accept(old, version=1, starts_at=at(offer), attempt=Attempt(), now=timezone.now())
    assert accepted(offer, at(offer), version=2).service_name == "Dearer"


def test_a_closed_business_takes_no_acceptance(offer: Quote) -> None:
    Tradie.objects.filter(pk=offer.tradie_id).update(is_open=False)
    with pytest.raises(BookingNotChangeable, match="isn't taking bookings online"):
        accepted(offer, at(offer))


def test_who_thinks_better_of_it_while_paying_lets_go_of_the_time(stripe_app: Any, offer: Quote) -> None:
    accepted(offer, at(offer))
    let_go(offer, now=timezone.now())
    assert Booking.objects.get().status == Status.EXPIRED
    assert [intent["status"] for intent in stripe_app.intents()] == ["canceled"]
    quotes.decline(offer, version=1, reason="", now=timezone.now())
    assert reread(offer).status == QuoteStatus.DECLINED


def test_who_has_paid_after_all_cannot_say_no_any_more(stripe_app: Any, offer: Quote) -> None:
    held = accepted(offer, at(offer))
    pay(stripe_app, held)
    with pytest.raises(BookingNotChangeable):
        let_go(offer, now=timezone.now())
    assert Booking.objects.get().status == Status.CONFIRMED


def test_a_hold_whose_time_is_up_is_ended_before_another_is_taken(stripe_app: Any, offer: Quote) -> None:
    first = accepted(offer, at(offer))
    Booking.objects.filter(pk=first.pk).update(held_until=timezone.now() - timedelta(seconds=5))
    second = accepted(offer, at(offer))
    assert second.pk != first.pk
    assert Booking.objects.get(pk=first.pk).status == Status.EXPIRED


def test_the_payment_step_goes_on_where_it_was(stripe_app: Any, offer: Quote) -> None:
    held = accepted(offer, at(offer))
    assert checkout.resume(held, now=timezone.now()).amount_cents == 10_000


def test_cancelled_after_it_was_accepted_it_stays_accepted(drain: Service) -> None:
    offer = sent_quote(drain, deposit=NO_DEPOSIT)
    cancel_booking(accepted(offer, at(offer)), by=CUSTOMER, now=timezone.now())
    assert state(offer) == QuoteState.ACCEPTED
