"""The sweeps of holds and payments: what fails or is locked spoils nothing for the others, and all have their turn."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings.lifecycle import revive_booking, start_expiring
from bookings.models import Booking, Status
from local.testing.cast import Api, make_booking, make_service, soon
from local.testing.stripe_world import StripeWorld
from payments import deposits, expiry, intents, reconciliation
from payments.models import Payment, PaymentStatus
from peepopay.relay import listening_connection

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=12)  # past the hold and its grace


@contextmanager
def locked(table: str, key: object) -> Iterator[None]:
    """Somebody else has this row for as long as the block runs."""
    with listening_connection() as other, other.transaction():
        other.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE".encode(), [key])
        yield


def make_payment(service: Service, **fields: object) -> Payment:
    """A payment of a lapsed hold that never learned its intent."""
    defaults = {"amount_cents": 3_000, "account_id": "acct_demo_joe"}
    return Payment.objects.create(
        booking=make_booking(service, status=Status.EXPIRED),
        created_at=timezone.now() - timedelta(hours=1),
        **{**defaults, **fields},
    )


def asked(stripe_app: StripeWorld) -> int:
    return len(stripe_app.requests("GET /v1/payment_intents"))


# ---- holds


def test_a_locked_calendar_does_not_keep_the_others_from_lapsing(sam, alex, drain) -> None:
    stays = make_booking(drain, status=Status.PENDING)
    goes = make_booking(make_service(alex), status=Status.PENDING)
    with locked("accounts_tradie", sam.pk):
        assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    goes.refresh_from_db()
    assert goes.status == Status.EXPIRED
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    stays.refresh_from_db()
    assert stays.status == Status.EXPIRED


def test_a_hold_that_moved_meanwhile_is_not_expired(api: Api, sam, drain, stripe_app: StripeWorld) -> None:
    """The sweep saw it overdue; before its turn came, the customer chose another time and got ten more minutes."""
    held = api.book(drain, soon(sam)).json()
    Booking.objects.update(held_until=timezone.now() - timedelta(minutes=2))
    (seen,) = expiry.overdue_holds(timezone.now())

    moved = api.book(drain, soon(sam, hour=11), hold=held["token"])
    assert (moved.status_code, moved.json()["booking"]["id"]) == (201, str(seen.pk))
    assert expiry.expire_hold(seen, now=timezone.now()) is False
    booking = Booking.objects.get()
    assert booking.status == Status.PENDING
    assert booking.held_until > timezone.now() + timedelta(minutes=9)


def test_a_hold_that_was_prolonged_does_not_start_to_expire(drain) -> None:
    seen = make_booking(drain, status=Status.PENDING)
    Booking.objects.update(held_until=timezone.now() + timedelta(minutes=20))
    assert start_expiring(seen) is False
    assert Booking.objects.get().status == Status.PENDING


def test_a_hold_that_stripe_can_not_be_asked_about_makes_room_for_the_others(
    api: Api, sam, drain, stripe_app: StripeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (9, 11):
        assert api.book(drain, soon(sam, hour=hour)).status_code == 201
    first, second = Payment.objects.order_by("created_at")
    stripe_app.fault(f"POST /v1/payment_intents/{first.intent_id}/cancel", status=500, times=0)
    monkeypatch.setattr(expiry, "MOST_AT_ONCE", 1)
    now = timezone.now() + LATER
    assert [expiry.expire_holds(now=now + timedelta(seconds=30 * lap)) for lap in range(2)] == [0, 1]
    second.refresh_from_db()
    assert second.booking.status == Status.EXPIRED
    stripe_app.clear_faults()
    assert expiry.expire_holds(now=now + timedelta(minutes=2)) == 1


def test_a_hold_that_was_offered_stays_when_stripe_is_away_the_second_time(
    api: Api, sam, drain, stripe_app: StripeWorld
) -> None:
    """Its customer has the secret, and may be paying."""
    key = uuid.uuid4()
    assert api.book(drain, soon(sam), key=key).status_code == 201
    stripe_app.fault("GET /v1/payment_intents", status=500, times=0)
    assert api.book(drain, soon(sam), key=key).status_code == 503
    assert Booking.objects.get().status == Status.PENDING


def test_a_hold_that_is_over_is_not_made_longer(drain) -> None:
    hold = make_booking(drain, status=Status.PENDING)
    assert hold.held_until
    over = [deposits.may_be_extended(hold, hold.held_until - timedelta(seconds=left)) for left in (1, 0)]
    assert over == [True, False]


@pytest.mark.parametrize(("minutes", "revived"), [(1, True), (0, False)])
def test_paid_late_it_is_revived_before_its_start_alone(drain, minutes: int, revived: bool) -> None:
    lapsed = make_booking(drain, soon(drain.tradie), status=Status.EXPIRED)
    now = lapsed.starts_at - timedelta(minutes=minutes)
    assert revive_booking(lapsed, now=now) is revived


# ---- payments


def test_what_nobody_wants_is_given_up_once_no_lost_call_can_be_carried_out(drain) -> None:
    payment = make_payment(drain)
    for seconds, status in ((119, PaymentStatus.NEW), (120, PaymentStatus.CANCELED)):
        now = payment.created_at + timedelta(seconds=seconds)
        intents.give_up(payment, now, is_wanted=False)
        payment.refresh_from_db()
        assert payment.status == status


def test_a_locked_payment_does_not_keep_the_others_from_being_settled(drain, stripe_app: StripeWorld) -> None:
    stays, goes = make_payment(drain), make_payment(drain)
    with locked("payments_payment", stays.pk):
        assert reconciliation.sync_unsettled_payments(now=timezone.now()) == 1
    assert set(Payment.objects.values_list("pk", "status")) == {(stays.pk, "new"), (goes.pk, "canceled")}


def test_those_never_looked_at_come_first_then_those_longest_ago(
    drain, stripe_app: StripeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_AT_ONCE", 1)
    now = timezone.now()
    recent = make_payment(drain, checked_at=now - timedelta(minutes=10))
    old = make_payment(drain, checked_at=now - timedelta(minutes=20))
    never = make_payment(drain)
    order = []
    for _ in range(3):
        before = set(Payment.objects.filter(status=PaymentStatus.CANCELED))
        reconciliation.sync_unsettled_payments(now=now)
        order += set(Payment.objects.filter(status=PaymentStatus.CANCELED)) - before
    assert order == [never, old, recent]


def test_while_stripe_is_away_three_are_tried_and_the_next_sweep_goes_on_with_others(
    drain, stripe_app: StripeWorld
) -> None:
    payments = {make_payment(drain).pk for _ in range(5)}
    stripe_app.fault("GET /v1/payment_intents", status=500, times=0)
    now = timezone.now()
    assert reconciliation.sync_unsettled_payments(now=now) == 0
    tried = set(Payment.objects.filter(checked_at=now).values_list("pk", flat=True))
    assert len(tried) == 3

    later = now + timedelta(seconds=30)
    assert reconciliation.sync_unsettled_payments(now=later) == 0
    assert set(Payment.objects.filter(checked_at=later).values_list("pk", flat=True)) == payments - tried

    stripe_app.clear_faults()
    assert reconciliation.sync_unsettled_payments(now=now + timedelta(minutes=5)) == 5


def test_one_payment_without_an_answer_does_not_end_the_sweep(
    api: Api, sam, drain, stripe_app: StripeWorld
) -> None:
    first, *others = [api.book(drain, soon(sam, hour=hour)).json() for hour in (9, 11, 13)]
    for held in others:
        stripe_app.pay(held["payment"]["client_secret"])
    intent_id = first["payment"]["client_secret"].partition("_secret_")[0]
    stripe_app.fault(f"GET /v1/payment_intents/{intent_id}", status=500, times=0)
    assert reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3)) == 2
    assert sorted(Booking.objects.values_list("status", flat=True)) == ["confirmed", "confirmed", "pending"]
