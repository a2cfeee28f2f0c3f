"""Redis as the slot cache needs it: it never waits long for it, never twice, and goes on without it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

REST_AFTER_ERROR_SECONDS = 1.0


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    limit = settings.REDIS_TIMEOUT_SECONDS
    no_retries = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=limit, socket_connect_timeout=limit, retry=no_retries)


class _Line(threading.local):
    """One thread's own connection, for the read that most requests consist of: a pool doubles what it costs."""

    def __init__(self) -> None:
        self.redis: Redis | None = None
        self.connection: Any = None

    def ask(self, redis: Redis, *command: str | int) -> Any:
        if self.redis is not redis:
            self.redis, self.connection = redis, redis.connection_pool.get_connection()
        try:
            self.connection.send_command(*command)
            return self.connection.read_response()
        except BaseException:
            # What comes next on it would be the answer to this question.
            self.connection.disconnect()
            raise


_line = _Line()


class Breaker:
    """After an error Redis is left alone for a second, so that a frozen one costs few requests its timeout."""

    def __init__(self) -> None:
        self.errors = 0
        self._tripped_at = float("-inf")

    def is_open(self) -> bool:
        return self.seconds_since_error() < REST_AFTER_ERROR_SECONDS

    def seconds_since_error(self) -> float:
        return time.monotonic() - self._tripped_at

    def trip(self, problem: RedisError) -> None:
        self.errors += 1
        self._tripped_at = time.monotonic()
        logger.warning("slot cache: Redis is away (%s, %d so far)", type(problem).__name__, self.errors)


breaker = Breaker()


def ask(*command: str | int) -> Any:
    """The answer to a short command, over the thread's own connection; None if Redis could not be asked."""
    return _unless_away(lambda redis: _line.ask(redis, *command))


def run(script: str, keys: tuple[str, ...], *values: str | bytes | int) -> Any:
    """The answer of a Lua script, which Redis runs as one step; None if Redis could not be asked."""
    return _unless_away(lambda redis: redis.eval(script, len(keys), *keys, *values))


def _unless_away(command: Callable[[Redis], Any]) -> Any:
    if breaker.is_open():
        return None
    try:
        return command(_client(settings.REDIS_URL))
    except RedisError as problem:
        breaker.trip(problem)
        return None
