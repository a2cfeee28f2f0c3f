"""The money protocol, played by the machine in `protocol.py`. The same plays in every run, so that a red run is red
again; `--hypothesis-profile explore` goes on to others for as long as you like. A failure prints the steps that lead to
it, and a line that plays them again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EVERY_DAY = settings(max_examples=25)


def test_whatever_happens_money_and_time_agree(protocol):
    plays = EVERY_DAY if settings.default.derandomize else settings.default
    run_state_machine_as_test(
        protocol,
        settings=settings(plays, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )
