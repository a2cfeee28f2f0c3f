"""Is it alive? Each answer comes within 3 s whatever is broken, and names no host and no password.

`/health` speaks of this process alone and is what orchestrators and proxies probe: nothing that is away outside of it
may take a web replica out. `/health/db`, `/redis`, `/rabbitmq`, `/workers` and `/all` are for people and alerts.
What is asked for often is looked at once a second: a flood of questions is none of connections.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu import Connection
from redis import Redis

from . import heartbeats
from .leaving import is_leaving
from .methods import require_safe
from .own_connection import own_connection

logger = logging.getLogger(__name__)
ANSWER_WITHIN_SECONDS = 2.0
LOOK_AGAIN_AFTER_SECONDS = 1.0

Check = dict[
    str, Any
]  # {"status": "healthy" or "unhealthy", "latency_ms": 1.2}, of a heartbeat also "age_seconds"
Checks = dict[str, Check]


def probe_database() -> None:
    """A connection of its own: a pool that others have emptied is not a dead database."""
    with own_connection() as link:
        link.execute("SET LOCAL statement_timeout = '2s'")


def probe_redis() -> None:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as link:
        link.ping()


def probe_broker() -> None:
    with Connection(
        settings.CELERY_BROKER_URL,
        connect_timeout=2,
        transport_options={"socket_timeout": 2, "max_retries": 0},
    ) as link:
        link.ensure_connection(max_retries=0, timeout=2)
        link.default_channel.close()


def timed(name: str, probe: Callable[[], None]) -> Checks:
    started = time.monotonic()
    try:
        probe()
        status = "healthy"
    except Exception as problem:  # whatever a driver raises: the answer is the same
        logger.warning("health: %s: %s", name, type(problem).__name__)
        status = "unhealthy"
    return {name: {"status": status, "latency_ms": _milliseconds_since(started)}}


def heard_of() -> Checks:
    """Every program and queue that must give signs of life, with the age of its last one."""
    started = time.monotonic()
    try:
        signs = heartbeats.signs()
    except Exception as problem:
        logger.warning("health: workers: %s", type(problem).__name__)
        signs = {}
    latency, ages = (
        _milliseconds_since(started),
        {name: round(sign.seconds, 1) for name, sign in signs.items()},
    )
    return {
        name: {
            "status": "healthy" if name in ages and ages[name] <= patience else "unhealthy",
            "latency_ms": latency,
            "age_seconds": ages.get(name),
        }
        for name, patience in heartbeats.patience().items()
    }


def _milliseconds_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


class Looks:
    """The last look at each part, shared by all who ask at about the same time."""

    def __init__(self, **looks: Callable[[], Checks]) -> None:
        self._looks = looks
        self._last: dict[str, tuple[float, Future[Checks]]] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=len(looks), thread_name_prefix="health")

    def at(self, part: str) -> Future[Checks]:
        with self._lock:
            begun, look = self._last.get(part, (float("-inf"), None))
            if look is None or (look.done() and time.monotonic() - begun > LOOK_AGAIN_AFTER_SECONDS):
                look = self._threads.submit(self._looks[part])
                self._last[part] = time.monotonic(), look
            return look

    def forget(self) -> None:
        self._last.clear()


looks = Looks(
    db=lambda: timed("db", probe_database),
    redis=lambda: timed("redis", probe_redis),
    rabbitmq=lambda: timed("rabbitmq", probe_broker),
    workers=heard_of,
)
PARTS = ("db", "redis", "rabbitmq", "workers")


def check(*parts: str) -> Checks:
    """Look at them side by side; one that hangs counts as unhealthy."""
    begun = {part: looks.at(part) for part in parts}
    give_up_at = time.monotonic() + ANSWER_WITHIN_SECONDS
    checks: Checks = {}
    for part, look in begun.items():
        try:
            checks |= look.result(timeout=max(give_up_at - time.monotonic(), 0))
        except TimeoutError:
            checks[part] = {"status": "unhealthy", "latency_ms": ANSWER_WITHIN_SECONDS * 1000}
    return checks


def is_healthy(checks: Checks) -> bool:
    return all(found["status"] == "healthy" for found in checks.values())


def answer(checks: Checks) -> JsonResponse:
    healthy = is_healthy(checks)
    body = {"status": "healthy" if healthy else "unhealthy", "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


@never_cache
@require_safe
def process(request: HttpRequest) -> JsonResponse:
    """That this is answered shows that a thread was free to do it; that it is well, that it may be sent more."""
    status = "unhealthy" if is_leaving() else "healthy"
    return answer({"process": {"status": status, "latency_ms": 0.0}})


@never_cache
@require_safe
def part(request: HttpRequest, name: str) -> JsonResponse:
    return answer(check(name))


@never_cache
@require_safe
def everything(request: HttpRequest) -> JsonResponse:
    return answer(check(*PARTS))
