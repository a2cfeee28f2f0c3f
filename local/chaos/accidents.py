"""What breaks, chosen by a seed: servers and programs one after the other, Stripe and its webhooks all the while."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from local.rabbitmq import Cluster
from local.stack import Stack
from local.testing.stripe_control import StripeControl

SERVER_CALLS = (
    r"(POST|GET) /v1/(?!payment_intents/\w+/confirm)"  # what our server asks, not the customer's browser
)
STRIPE_TROUBLE: Sequence[dict[str, Any]] = (
    {"status": 500},
    {"status": 500, "after": True},  # carried out, and then says that it was not
    {"status": 429},
    {"reset": True},
    {"reset": True, "after": True},
    {"hang": 7.0},  # longer than we wait
    {"status": 200, "page": True},  # some machine in between answers
)
WEBHOOKS: Sequence[tuple[str, dict[str, Any]]] = (
    ("deliver", {}),
    ("deliver", {"lose": 0.3}),
    ("duplicate:5,shuffle", {"window_ms": 3000}),
    ("deliver", {"delay_ms": 5000}),
    ("drop", {}),
)


@dataclass
class Stage:
    """What may be broken, and who is told about it."""

    stack: Stack
    cluster: Cluster
    stripe: StripeControl
    tell: Callable[[str], None]
    over: threading.Event = field(default_factory=threading.Event)
    worker_kills: int = 0


def killed(name: str) -> Callable[[Stage, float], AbstractContextManager[None]]:
    """kill -9, then started again after some seconds."""

    @contextmanager
    def accident(stage: Stage, seconds: float) -> Any:
        stage.worker_kills += name == "worker"
        stage.stack.processes[name].kill()
        yield
        stage.stack.processes[name].start()

    accident.__name__ = f"kill -9 {name}"
    return accident


@contextmanager
def postgres_restarted(stage: Stage, seconds: float) -> Any:
    stage.stack.processes["postgres"].stop()
    yield
    stage.stack.processes["postgres"].start()


@contextmanager
def backends_terminated(stage: Stage, seconds: float) -> Any:
    stage.stack.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    yield


@contextmanager
def redis_flushed(stage: Stage, seconds: float) -> Any:
    with Redis.from_url(stage.stack.env["REDIS_URL"]) as link:
        link.flushall()
    yield


@contextmanager
def redis_frozen(stage: Stage, seconds: float) -> Any:
    stage.stack.processes["valkey"].freeze()
    yield
    stage.stack.processes["valkey"].thaw()


@contextmanager
def rabbitmq_frozen(stage: Stage, seconds: float) -> Any:
    """All of the cluster: ports that take connections, and nobody behind them."""
    stage.cluster.freeze()
    yield
    stage.cluster.thaw()


@contextmanager
def rabbitmq_node_killed(stage: Stage, seconds: float) -> Any:
    node = stage.cluster.nodes[0]
    node.kill()
    yield
    node.start()


@contextmanager
def rabbitmq_partitioned(stage: Stage, seconds: float) -> Any:
    """One node is cut off from the two others, with its clients still connected."""
    node = stage.cluster.nodes[0]
    stage.cluster.cut_off(node)
    yield
    stage.cluster.join_again(node)


Accident = Callable[[Stage, float], AbstractContextManager[None]]
ACCIDENTS: Sequence[Accident] = (
    killed("web"),
    killed("worker"),
    killed("beat"),
    killed("relay"),
    postgres_restarted,
    backends_terminated,
    redis_flushed,
    redis_frozen,
    rabbitmq_frozen,
    rabbitmq_node_killed,
    rabbitmq_partitioned,
)


def one_after_another(stage: Stage, dice: random.Random) -> None:
    """Each accident once in every round, in an order that the dice decide, until it is over."""
    while not stage.over.is_set():
        for accident in dice.sample(ACCIDENTS, len(ACCIDENTS)):
            seconds = dice.uniform(1, 8)
            if stage.over.is_set():
                return
            stage.tell(f"{accident.__name__.replace('_', ' ')}, for {seconds:.0f} s")
            with accident(stage, seconds):
                stage.over.wait(seconds)
            stage.over.wait(dice.uniform(2, 6))


def bad_weather(stage: Stage, dice: random.Random) -> None:
    """Stripe and its webhooks: every few seconds something else, until it is over; then fair again."""
    while not stage.over.is_set():
        mode, how = dice.choice(WEBHOOKS)
        stage.stripe.webhooks(mode, **how)
        trouble = dice.choice(STRIPE_TROUBLE)
        stage.stripe.fault(SERVER_CALLS, times=dice.randint(1, 6), **trouble)
        stage.over.wait(dice.uniform(3, 8))
    heal_stripe(stage.stripe)


def heal_stripe(stripe: StripeControl) -> None:
    stripe.clear_faults()
    stripe.webhooks("deliver")
    stripe.hasten_webhooks()
