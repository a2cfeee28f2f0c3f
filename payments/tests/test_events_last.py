"""What keeps Stripe from answering says nothing of an event: it waits for days, and begins anew when it comes again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bookings.models import Booking, Status
from local.testing.cast import Api, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from payments import inbox, invariants
from payments.models import StripeEvent
from payments.stripe_answers import read_hint
from peepopay import given_up

pytestmark = pytest.mark.django_db(transaction=True)


def arrives(event: dict) -> None:
    """By webhook."""
    with transaction.atomic():
        inbox.store(read_hint(event))


@pytest.fixture
def paid(api: Api, sam, drain, stripe_app: StripeWorld) -> dict:
    """The event of a deposit that Jo paid; it came by webhook and nobody acted on it yet."""
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    (event,) = [e for e in stripe_app.events() if e["type"] == "payment_intent.succeeded"]
    arrives(event)
    return event


def hours_without_an_answer(row: StripeEvent, most: int = 200) -> float:
    """Work on it each time it comes due, until it is given up; answers how many hours that took."""
    begin = now = row.due_at
    for _ in range(most):
        inbox_row = StripeEvent.objects.get()
        if inbox_row.dead_at:
            break
        now = max(now, inbox_row.due_at)
        changes = inbox.act_on(inbox_row, now=now)
        assert changes is None
    return (now - begin) / timedelta(hours=1)


def test_while_our_key_is_refused_an_event_waits_for_three_days(paid, stripe_app: StripeWorld) -> None:
    stripe_app.fault("GET /v1/payment_intents", status=401, times=0)
    assert 72 <= hours_without_an_answer(StripeEvent.objects.get()) <= 74
    assert len(stripe_app.requests("GET /v1/payment_intents")) < 250


def test_an_event_is_acted_on_once_the_key_is_mended_however_often_it_was_refused(
    paid, stripe_app: StripeWorld
) -> None:
    stripe_app.fault("GET /v1/payment_intents", status=401, times=0)
    row = StripeEvent.objects.get()
    for _ in range(12):
        work_on(row)
    assert (row.dead_at, row.attempts, row.due_at > timezone.now()) == (None, 0, True)
    stripe_app.clear_faults()
    work_on(row)
    assert (row.runs, row.last_error, row.unanswered_since) == (1, "", None)
    assert Booking.objects.get().status == Status.CONFIRMED


def test_an_operator_sees_that_stripe_gives_no_answer_for_half_an_hour(paid, stripe_app: StripeWorld) -> None:
    stripe_app.fault("GET /v1/payment_intents", status=401, times=0)
    row, now = StripeEvent.objects.get(), timezone.now()
    inbox.act_on(row, now=now - timedelta(minutes=29))
    assert invariants.for_a_person(now=now) == []
    (line,) = invariants.for_a_person(now=now + timedelta(minutes=2))
    row.refresh_from_db()
    assert line.startswith(f"events_without_an_answer: {row.last_error} 1 since ")


def test_an_event_that_was_given_up_lives_again_when_stripe_sends_it_again(paid) -> None:
    StripeEvent.objects.update(
        dead_at=timezone.now(), attempts=10, unanswered_since=timezone.now() - timedelta(days=4)
    )
    arrives(paid)
    row = StripeEvent.objects.get()
    assert (row.dead_at, row.attempts, row.unanswered_since) == (None, 0, None)
    work_on(row)
    assert Booking.objects.get().status == Status.CONFIRMED


def test_one_that_an_operator_closed_stays_closed(paid) -> None:
    StripeEvent.objects.update(dead_at=timezone.now(), attempts=10)
    given_up.close(StripeEvent, [paid["id"]], now=timezone.now())
    arrives(paid)
    assert StripeEvent.objects.get().done_at is not None


def test_one_that_waits_is_not_hurried_by_its_copies(paid) -> None:
    later = timezone.now() + timedelta(minutes=20)
    StripeEvent.objects.update(due_at=later, attempts=5)
    arrives(paid)
    row = StripeEvent.objects.get()
    assert (row.due_at, row.attempts) == (later, 5)


def test_an_operators_retry_begins_the_three_days_anew(paid, stripe_app: StripeWorld) -> None:
    stripe_app.fault("GET /v1/payment_intents", status=401, times=0)
    long_ago = timezone.now() - timedelta(days=4)
    StripeEvent.objects.update(dead_at=timezone.now(), unanswered_since=long_ago)
    row = StripeEvent.objects.get()
    assert given_up.revive(StripeEvent, [row.pk], now=timezone.now()) == 1
    work_on(row)
    assert row.dead_at is None
    assert row.unanswered_since > long_ago
