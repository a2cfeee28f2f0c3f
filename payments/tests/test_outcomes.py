"""What becomes of the money of a booking that can't be cancelled any more."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings.models import Actor, Status
from bookings.policy import Reason
from local.testing.cast import make_booking
from payments.models import PaymentKind
from payments.outcomes import outcome_of
from payments.totals import Sums, Totals


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED])
def test_what_is_over_gives_nothing_back(drain: Service, status: Status) -> None:
    paid = Totals(3_000, kinds={PaymentKind.DEPOSIT: Sums(3_000)})
    booking = make_booking(drain, status=status)
    outcome = outcome_of(booking, paid, actor=Actor.TRADIE, now=timezone.now())
    assert (outcome.refund_cents, outcome.kept_cents, outcome.reason) == (0, 3_000, Reason.OVER)
