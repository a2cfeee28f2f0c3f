"""What the relay tells Prometheus of all the others: rows that wait or are dead, queues, signs of life, the self-check.

PostgreSQL and the broker are asked when somebody looks, at most every 5 s, by connections of their own: what hangs
there delays no work of the relay. Each of several relays tells the same.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from celery import Celery
from kombu import Connection
from kombu.exceptions import KombuError
from prometheus_client.core import GaugeMetricFamily, Metric
from psycopg import sql

from . import celery_config, dead_letters, heartbeats, outbox
from .models import OutboxRow
from .own_connection import own_connection

logger = logging.getLogger(__name__)

LOOK_AGAIN_AFTER_SECONDS = 5.0
MOST_COUNTED = 10_000  # rows of a kind: more is no other news

Metrics = list[Metric]

# Along the indexes of `OutboxRow`. What is claimed is due again when its lease ends, and waits since it first came due.
WAITING = sql.SQL(
    """
    SELECT {kind}, {queue}, count(*), coalesce(max(waited), 0)::float, coalesce(max(overdue), 0)::float,
        (SELECT count(*) FROM (
            SELECT FROM {table} WHERE done_at IS NULL AND dead_at IS NOT NULL LIMIT {most}) dead)
    FROM (
        SELECT extract(epoch FROM now() - coalesce(waiting_since, due_at)) AS waited,
            extract(epoch FROM now() - due_at) AS overdue
        FROM {table} WHERE done_at IS NULL AND dead_at IS NULL
            AND due_at <= now() + {lease} AND (due_at <= now() OR waiting_since IS NOT NULL)
        ORDER BY due_at LIMIT {most}
    ) open
    """
)


class RelayFigures:
    """The answers of the last look are given to all who ask within 5 s."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._last: Metrics = []
        self._looked_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() - self._looked_at > LOOK_AGAIN_AFTER_SECONDS:
                self._last = self._look()
                self._looked_at = time.monotonic()
            yield from self._last

    def _look(self) -> Metrics:
        problems = (psycopg.Error, KombuError, OSError)
        return [
            *part("peepopay_database_up", "Whether PostgreSQL answers the relay.", of_database, problems),
            *part("peepopay_broker_up", "Whether the broker answers the relay.", self._of_broker, problems),
        ]

    def _of_broker(self) -> Metrics:
        with self.app.connection_for_read(heartbeat=0) as link:
            link.ensure_connection(max_retries=0, timeout=2)
            names = [*(queue.name for queue in celery_config.task_queues), dead_letters.QUEUE.name]
            found = {name: messages_on(link, name) for name in names}
        return [
            gauge(
                "peepopay_queue_messages",
                "Messages on the broker that no worker has taken. `dead`: of tasks that killed their workers.",
                {(name,): count for name, count in found.items()},
                "queue",
            )
        ]


def part(up: str, words: str, look: Callable[[], Metrics], problems: tuple[type[Exception], ...]) -> Metrics:
    """What `look` finds, and whether it could."""
    try:
        found = look()
    except problems as problem:
        logger.warning("%s: %s", up, type(problem).__name__)
        return [gauge(up, words, {(): 0.0})]
    return [gauge(up, words, {(): 1.0}), *found]


def messages_on(link: Connection, queue: str) -> float:
    """None where it has not been declared: no worker has come up yet, or not on this broker."""
    channel = link.channel()
    try:
        return float(channel.queue_declare(queue, passive=True).message_count)
    except link.channel_errors:
        return 0.0
    finally:
        channel.close()


def of_database() -> Metrics:
    with own_connection() as link:
        link.execute("SET LOCAL statement_timeout = '2s'")
        rows = link.execute(sql.SQL(" UNION ALL ").join(map(waiting_rows, outbox.kinds()))).fetchall()
    return [*of_rows(rows), *of_signs(heartbeats.signs())]


def waiting_rows(model: type[OutboxRow]) -> sql.Composed:
    return WAITING.format(
        kind=sql.Literal(model._meta.label_lower),
        queue=sql.Literal(model.queue),
        table=sql.Identifier(model._meta.db_table),
        lease=sql.Literal(outbox.LEASE),
        most=sql.Literal(MOST_COUNTED),
    )


def of_rows(rows: list[tuple[Any, ...]]) -> Metrics:
    told = {
        "peepopay_outbox_waiting_rows": "Rows that are due and not done, up to 10,000.",
        "peepopay_outbox_oldest_seconds": "How long the oldest of them has waited for a worker.",
        "peepopay_outbox_unpublished_seconds": "How long the oldest that no relay has claimed has been due.",
        "peepopay_outbox_dead_rows": "Rows that were given up and wait for a person, up to 10,000.",
    }
    return [
        gauge(name, words, {row[:2]: max(row[place], 0) for row in rows}, "kind", "queue")
        for place, (name, words) in enumerate(told.items(), start=2)
    ]


def of_signs(signs: dict[str, heartbeats.Sign]) -> Metrics:
    patience = heartbeats.patience()
    ages = {(name,): signs[name].seconds if name in signs else math.inf for name in patience}
    limits = {(name,): seconds for name, seconds in patience.items()}
    found = [
        gauge("peepopay_heartbeat_age_seconds", "Since its last sign of life; +Inf: never.", ages, "name"),
        gauge("peepopay_heartbeat_patience_seconds", "From which age it counts as silent.", limits, "name"),
    ]
    if check := signs.get(heartbeats.SELF_CHECK):
        counts = {(kind,): float(count) for kind, count in check.facts.items()}
        found += [
            gauge("peepopay_invariant_findings", "What the last self-check found.", counts, "kind"),
            gauge("peepopay_invariants_age_seconds", "Since the last self-check.", {(): check.seconds}),
        ]
    return found


def gauge(name: str, words: str, values: dict[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for of, value in values.items():
        family.add_metric(list(of), value)
    return family
