"""The money protocol, played by the machine in `protocol.py`; and what one overtaken answer must not do."""

from __future__ import annotations

import math
from collections import Counter
from typing import cast

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.models import Status
from local.testing.cast import soon
from payments import deposits, stripe_gateway
from payments.models import Payment, PaymentStatus

from .interleaving import Conductor, Fate
from .protocol import Protocol

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_whatever_happens_money_and_time_agree(stripe_app, sent, no_clock, monkeypatch):
    """Explores anew in every run; a failure prints the steps that lead to it."""
    seen: Counter[str] = Counter()
    conductor = Conductor(monkeypatch)
    machine = cast(
        type[Protocol],
        type("Played", (Protocol,), {"world": stripe_app, "conductor": conductor, "seen": seen}),
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that never gets anywhere would prove nothing.
    assert {"ends confirmed", "pay succeeded", "SLOT_UNAVAILABLE", "DIES_AFTER"} <= seen.keys()


def test_an_answer_that_was_overtaken_undoes_nothing(api, sam, drain, stripe_app, no_clock, monkeypatch):
    held = api.book(drain, soon(sam)).json()
    payment, now, conductor = Payment.objects.get(), timezone.now(), Conductor(monkeypatch)
    slow = conductor.start(lambda: deposits.sync(payment.pk, now=now))
    conductor.answer(slow, Fate.ON_ITS_WAY)  # "not paid yet"
    stripe_app.pay(held["payment"]["client_secret"])
    deposits.sync(payment.pk, now=now)
    conductor.finish(slow)
    payment.refresh_from_db()
    assert (payment.status, payment.booking.status) == (PaymentStatus.SUCCEEDED, Status.CONFIRMED)


@pytest.fixture
def no_clock(settings, monkeypatch):
    """What happens must not depend on how fast this machine is, or no failure could be played again."""
    settings.STRIPE_TIMEOUT_SECONDS = 60
    monkeypatch.setattr(stripe_gateway, "QUICK_FAILURE_SECONDS", math.inf)
