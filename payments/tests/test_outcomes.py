"""Money that arrives for a booking that was cancelled meanwhile: by the terms of that moment, and kept once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER, By
from bookings.lifecycle import release_booking
from bookings.models import Actor, Booking, Status
from bookings.policy import Reason
from local.testing.cast import make_booking, make_service
from payments.models import PaymentKind
from payments.outcomes import outcome_of, outcome_since_cancelled
from payments.totals import Sums, Totals

TRADIE = By(Actor.TRADIE)


def paid(cents: int, refunded_cents: int = 0) -> Totals:
    return Totals(
        cents, refunded_cents=refunded_cents, kinds={PaymentKind.DEPOSIT: Sums(cents, refunded_cents)}
    )


@pytest.fixture
def job(sam: Tradie) -> Service:
    """$120 with a deposit of $30, of which $10 are kept from a day before."""
    return make_service(sam, late_fee_cents=1_000)


def cancelled(job: Service, by: By) -> Booking:
    """Five hours before its start."""
    now = timezone.now()
    booking = make_booking(job, (now + timedelta(hours=5)).replace(minute=0, second=0, microsecond=0))
    assert release_booking(booking, Status.CANCELLED, by=by, now=now)
    booking.refresh_from_db()
    return booking


def test_paid_after_its_customer_cancelled_late_the_fee_is_kept(job: Service) -> None:
    outcome = outcome_since_cancelled(cancelled(job, CUSTOMER), paid(3_000))
    assert (outcome.refund_cents, outcome.kept_cents, outcome.reason) == (2_000, 1_000, Reason.LATE_FEE)


def test_paid_after_the_business_cancelled_all_goes_back(job: Service) -> None:
    outcome = outcome_since_cancelled(cancelled(job, TRADIE), paid(3_000))
    assert (outcome.refund_cents, outcome.kept_cents) == (3_000, 0)


def test_paid_again_after_cancelling_the_fee_is_kept_once(job: Service) -> None:
    outcome = outcome_since_cancelled(cancelled(job, CUSTOMER), paid(6_000, refunded_cents=2_000))
    assert (outcome.refund_cents, outcome.kept_cents) == (3_000, 1_000)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED])
def test_what_is_over_gives_nothing_back(job: Service, status: Status) -> None:
    booking = make_booking(job, status=status)
    outcome = outcome_of(booking, paid(3_000), actor=Actor.TRADIE, now=timezone.now())
    assert (outcome.refund_cents, outcome.kept_cents, outcome.reason) == (0, 3_000, Reason.OVER)
