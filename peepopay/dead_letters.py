"""Where RabbitMQ puts a task that killed its workers too often (`x-delivery-limit`).

Nobody consumes this queue: it is there to be seen. The row behind the task stays open, comes due again, and is dead
after its own count (`outbox.MOST_ATTEMPTS`), where the admin shows it and can retry it.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from kombu import Connection, Exchange, Queue

EXCHANGE = Exchange("peepopay.dead", type="topic")
QUEUE = Queue(
    "dead",
    EXCHANGE,
    routing_key="dead",
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
