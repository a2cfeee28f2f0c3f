"""Where RabbitMQ puts a task that killed its workers too often (`x-delivery-limit`), and nothing else: what expired in
a queue comes to the exchange as well, and is dropped there.

Nobody consumes this queue: it is there to be seen. The row behind the task stays open, comes due again, and is dead
after its own count (`outbox.MOST_ATTEMPTS`), where the admin shows it and can retry it.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from kombu import Connection, Exchange, Queue

EXCHANGE = Exchange("peepopay.dead", type="headers")
QUEUE = Queue(
    "dead",
    EXCHANGE,
    # RabbitMQ 3.10 or later: before, a binding could not look at headers that begin with "x-".
    binding_arguments={"x-match": "all-with-x", "x-first-death-reason": "delivery_limit"},
    queue_arguments={"x-queue-type": "quorum", "x-max-length": 10_000},
)


class DeclareDeadLetters(bootsteps.StartStopStep):
    """Run by each worker before it takes its first task. Other brokers have no delivery limit, and so no use for it."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: Any) -> None:
        if consumer.connection.transport.driver_type == "amqp":
            declare(consumer.connection)


def declare(connection: Connection) -> None:
    with connection.channel() as channel:
        QUEUE(channel).declare()
