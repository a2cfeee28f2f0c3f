"""Workers killed and RabbitMQ restarted while customers book and pay: late at worst, never lost or doubled."""

from __future__ import annotations

import time

import pytest

from .conftest import Town

pytestmark = pytest.mark.slow


def test_a_worker_killed_again_and_again_and_a_broker_restarted_lose_and_double_nothing(town: Town) -> None:
    assert town.stack.rabbitmq
    town.stripe.fault("GET /v1/payment_intents", hang=1.0, times=8)  # so that kills meet tasks half done
    bought = [town.buy() for _ in range(5)]
    for _ in range(3):
        time.sleep(0.5)
        town.stack.processes["worker"].kill()
        bought.append(town.buy())
        town.stack.processes["worker"].start()
    bought.append(town.buy())
    town.stack.rabbitmq.restart()
    bought.append(town.buy())
    town.wait_confirmed(bought)
    town.wait_told()
