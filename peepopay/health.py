"""Is it alive? Each answer comes within 3 s whatever is broken, and names no host and no password.

`/health` covers everything and is for people and alerts; orchestrators probe `/health/db`, since Redis or the broker
being away must not take a web replica out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu import Connection
from redis import Redis

from .methods import require_safe

logger = logging.getLogger(__name__)
ANSWER_WITHIN_SECONDS = 2.5
_probes = ThreadPoolExecutor(max_workers=6, thread_name_prefix="health")


def probe_database() -> None:
    """A connection of its own: a pool that others have emptied is not a dead database. By the way that web has."""
    parameters = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in {"dbname", "user", "password", "host", "port"}
    }
    with psycopg.connect(**parameters, connect_timeout=2) as link:
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


PROBES: dict[str, Callable[[], None]] = {"db": probe_database, "redis": probe_redis, "rabbitmq": probe_broker}


def timed(probe: Callable[[], None]) -> dict[str, Any]:
    started = time.monotonic()
    try:
        probe()
        status = "healthy"
    except Exception as problem:  # whatever a driver raises: the answer is the same
        logger.warning("health: %s: %s", probe.__name__, type(problem).__name__)
        status = "unhealthy"
    return {"status": status, "latency_ms": round((time.monotonic() - started) * 1000, 1)}


def check(names: list[str]) -> JsonResponse:
    """Run the probes side by side; one that hangs counts as unhealthy."""
    running = {name: _probes.submit(timed, PROBES[name]) for name in names}
    give_up_at = time.monotonic() + ANSWER_WITHIN_SECONDS
    checks: dict[str, dict[str, Any]] = {}
    for name, future in running.items():
        try:
            checks[name] = future.result(timeout=max(give_up_at - time.monotonic(), 0))
        except TimeoutError:
            checks[name] = {"status": "unhealthy", "latency_ms": ANSWER_WITHIN_SECONDS * 1000}
    healthy = all(result["status"] == "healthy" for result in checks.values())
    body = {"status": "healthy" if healthy else "unhealthy", "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


@never_cache
@require_safe
def everything(request: HttpRequest) -> JsonResponse:
    return check(list(PROBES))


@never_cache
@require_safe
def database(request: HttpRequest) -> JsonResponse:
    return check(["db"])


@never_cache
@require_safe
def redis(request: HttpRequest) -> JsonResponse:
    return check(["redis"])


@never_cache
@require_safe
def broker(request: HttpRequest) -> JsonResponse:
    return check(["rabbitmq"])
