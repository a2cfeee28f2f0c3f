"""From rows to tasks: listens for `outbox.announce`, claims what is due and publishes a task for each row, or one for
new rows about the same thing.

Any number of relays may run. The broker's confirmation is waited for; what it does not take is given back, so a
broker that refuses or hangs delays work and loses none. See `peepopay/outbox.py`.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from celery import Celery
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from kombu import Connection, Producer
from kombu.exceptions import KombuError

from . import alive, outbox
from .heartbeats import Heart
from .models import OutboxRow
from .outbox import Lease
from .own_connection import own_connection

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # rows come due without anyone announcing it
PAUSE_SECONDS = 1.0  # after trouble with PostgreSQL or the broker
BROKER_TIMEOUT_SECONDS = 3
COME_BACK = timedelta(seconds=3)  # for rows that the broker did not take
BATCH = 100
TOGETHER = 10


@dataclass(frozen=True)
class Route:
    """Rows of `model` go to `task` on `queue`, each with its primary key and the number of its lease."""

    model: type[OutboxRow]
    task: str
    queue: str


def routes() -> list[Route]:
    """One for every kind of row."""
    return [Route(model, outbox.task_name(model), model.queue) for model in outbox.kinds()]


class BrokerUnavailable(Exception):
    pass


class Relay:
    def __init__(self, app: Celery, routes: list[Route]) -> None:
        self.routes = routes
        self.broker = Broker(app, {route.queue for route in routes})
        self.heart = Heart("relay")
        self.stopping = False

    def stop(self) -> None:
        """From a signal handler: `run` returns within a second or two, with nothing claimed and unpublished."""
        self.stopping = True

    def run(self) -> None:
        """Until `stop`. Outlives the loss of PostgreSQL and of the broker."""
        while not self.stopping:
            alive.touch()
            try:
                with listening_connection() as link:
                    self.warm_up()
                    self.serve(link)
            except (psycopg.Error, DatabaseError, InterfaceError) as problem:
                logger.warning("relay: PostgreSQL: %s", type(problem).__name__)
                connection.close()
                time.sleep(PAUSE_SECONDS)
        self.broker.close()
        connection.close()

    def warm_up(self) -> None:
        """A connection's first publish is slow; make that now rather than with the first customer's message."""
        with suppress(BrokerUnavailable):
            self.broker.connect()
        logger.info("relay: ready.")

    def serve(self, link: psycopg.Connection[Any]) -> None:
        while not self.stopping:
            alive.touch()
            self.heart.beat()
            try:
                while self.relay_due_rows() >= BATCH and not self.stopping:
                    self.heart.beat()
            except BrokerUnavailable as problem:
                logger.warning("relay: broker: %s", problem)
                time.sleep(PAUSE_SECONDS)
            # An announcement that came meanwhile is waiting in the connection, so none is missed.
            for _ in link.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def relay_due_rows(self) -> int:
        """One batch of each kind of which something is due; how many rows were published."""
        due = outbox.kinds_due([route.model for route in self.routes], now=timezone.now())
        return sum(self.relay_batch(route) for route in self.routes if route.model in due)

    def relay_batch(self, route: Route) -> int:
        now, model = timezone.now(), route.model
        tasks = tasks_of(outbox.claim(model, now=now, limit=BATCH, due_by=now - model.no_hurry))
        for position, leases in enumerate(tasks):
            try:
                self.broker.publish(route, leases)
            except BrokerUnavailable:
                left = [lease for task in tasks[position:] for lease in task]
                outbox.give_back(route.model, left, due_at=timezone.now() + COME_BACK)
                raise
        return sum(map(len, tasks))


def tasks_of(leases: list[Lease]) -> list[list[Lease]]:
    """What goes as one task: rows of one group, ten at most."""
    groups: dict[Any, list[Lease]] = defaultdict(list)
    for lease in leases:
        groups[lease.key if lease.group is None else lease.group].append(lease)
    return [group[at : at + TOGETHER] for group in groups.values() for at in range(0, len(group), TOGETHER)]


class Broker:
    """One connection with its queues declared; made anew after any trouble."""

    def __init__(self, app: Celery, queues: set[str]) -> None:
        self.app = app
        self.queues = queues
        self.link: Connection | None = None
        self.producer: Producer | None = None

    def connect(self) -> Producer:
        """Raises BrokerUnavailable."""
        if self.producer is None:
            # No heartbeat: nobody would answer it between two publishes.
            self.link = self.app.connection_for_write(heartbeat=0)
            try:
                self.link.ensure_connection(max_retries=0, timeout=BROKER_TIMEOUT_SECONDS)
                self.producer = self.app.amqp.Producer(self.link, auto_declare=False)
                for name in self.queues:
                    self.producer.maybe_declare(self.app.amqp.queues[name])
            except self.problems() as problem:
                self.close()
                raise BrokerUnavailable(type(problem).__name__) from problem
        return self.producer

    def publish(self, route: Route, leases: list[Lease]) -> None:
        """One task for these, which were claimed together. Returns when the broker has confirmed it. Once more on a new
        connection, since a broker that was restarted leaves a dead one behind. Raises BrokerUnavailable; the task may
        have been published all the same.

        The message goes when its leases do: then the rows are published anew, and an outage of the workers leaves no
        more messages than there are rows.
        """
        for last_try in (False, True):
            producer = self.connect()
            try:
                self.app.send_task(
                    route.task,
                    args=[[(str(lease.key), lease.number) for lease in leases]],
                    queue=route.queue,
                    expires=leases[0].until,
                    producer=producer,
                    retry=False,
                    confirm_timeout=BROKER_TIMEOUT_SECONDS,
                )
            except self.problems() as problem:
                self.close()
                if last_try:
                    raise BrokerUnavailable(type(problem).__name__) from problem
            else:
                return

    def problems(self) -> tuple[type[Exception], ...]:
        assert self.link is not None
        return (*self.link.connection_errors, *self.link.channel_errors, KombuError, OSError)

    def close(self) -> None:
        """Without saying goodbye to a broker that may not be listening."""
        if self.link is not None:
            with suppress(Exception):
                self.link.collect(socket_timeout=0.5)
        self.link = self.producer = None


def listening_connection() -> psycopg.Connection[Any]:
    """A connection of its own for LISTEN, outside the pool. Raises psycopg.OperationalError."""
    link = own_connection(
        autocommit=True,
        application_name="peepopay-relay",
        # A host that is gone without a word is noticed within half a minute.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    link.execute(f"LISTEN {outbox.CHANNEL}")
    return link
