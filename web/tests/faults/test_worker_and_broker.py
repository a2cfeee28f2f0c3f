"""Workers killed, RabbitMQ restarted or stopped while customers book and pay: late at worst, never lost or doubled."""

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


def test_while_rabbitmq_is_stopped_bookings_answer_as_usual_and_messages_follow(town: Town) -> None:
    assert town.stack.rabbitmq
    town.stack.rabbitmq.kill()
    try:
        answers = [town.quote() for _ in range(5)]
        assert [answer.status for answer in answers] == [201] * 5
        assert max(answer.seconds for answer in answers) < 2
        bought = [town.buy() for _ in range(3)]
        assert (town.health("/rabbitmq").status, town.health("/all").status) == (503, 503)
        assert [town.health(part).status for part in ("", "/db", "/redis")] == [200] * 3
    finally:
        town.stack.rabbitmq.start()
    town.wait_confirmed(bought)
    town.wait_told()
