"""Signs of life of the programs that nobody asks anything: relay, beat and workers.

Relay and workers write the time into a row from the very loop that does their work, so that one that hangs falls silent
as a dead one does. Beat has no database: it sends a pulse through every queue, and the worker that takes it notes both.
So a queue falls silent when nobody works on it, whatever the programs say of themselves, and beat when no pulse comes.

The rows are a handful and are written a few times a minute, never by the work itself. PostgreSQL's clock tells all of
the ages, so that no two machines need agree on the time. `GET /health/workers` reads them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from celery import bootsteps
from django.conf import settings
from psycopg.types.json import Jsonb

from . import alive, celery_config
from .own_connection import own_connection

logger = logging.getLogger(__name__)

BEAT = "beat"
SELF_CHECK = "check_invariants"  # notes how much it found: {"broken": 0, "waiting": 1}
MISSED = 4  # beats in a row: then a program is silent, and a queue after as many pulses


@dataclass(frozen=True)
class Sign:
    """How long ago, in seconds, something last showed that it lives, and what it said of its work."""

    seconds: float
    facts: dict[str, Any]


def note(*names: str, **facts: float) -> None:
    """Each of them lives, and has these figures to tell. Never raises: who can't say so now says it the next time."""
    try:
        with own_connection() as link:
            link.execute(
                """INSERT INTO peepopay_heartbeat (name, at, facts) SELECT name, now(), %s FROM unnest(%s::text[]) name
                   ORDER BY name  -- so that two who note the same never wait for each other
                   ON CONFLICT (name) DO UPDATE SET at = excluded.at, facts = excluded.facts""",
                [Jsonb(facts), list(names)],
            )
    except psycopg.Error as problem:
        logger.warning("heartbeat of %s: %s", ", ".join(names), type(problem).__name__)


def signs() -> dict[str, Sign]:
    """The last sign of each that ever gave one. Raises psycopg.Error."""
    with own_connection() as link:
        link.execute("SET LOCAL statement_timeout = '2s'")
        found = link.execute(
            "SELECT name, extract(epoch FROM now() - at)::float, facts FROM peepopay_heartbeat"
        )
        return {name: Sign(max(seconds, 0), facts) for name, seconds, facts in found}


def patience() -> dict[str, float]:
    """Everything that must give signs -> after how many seconds without one it is silent."""
    pulsed = [BEAT, *(queue_sign(queue.name) for queue in celery_config.task_queues)]
    return {
        **dict.fromkeys(("relay", "worker"), settings.HEARTBEAT_SECONDS * MISSED),
        **dict.fromkeys(pulsed, celery_config.PULSE_SECONDS * MISSED),
    }


def queue_sign(queue: str) -> str:
    return f"queue {queue}"


class Heart:
    """Beats when its loop comes by, at most every HEARTBEAT_SECONDS."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._due_at = float("-inf")

    def beat(self) -> None:
        if time.monotonic() >= self._due_at:
            self._due_at = time.monotonic() + settings.HEARTBEAT_SECONDS
            note(self.name)


class WorkerHeart(bootsteps.StartStopStep):
    """Beats in the loop in which a worker takes its tasks (`worker_consumer.py` puts it there). While that looks for a
    lost broker it takes none, and is silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self.timer: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        self.beat()
        self.timer = consumer.timer.call_repeatedly(settings.HEARTBEAT_SECONDS, self.beat)

    @staticmethod
    def beat() -> None:
        alive.touch()
        note("worker")

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
