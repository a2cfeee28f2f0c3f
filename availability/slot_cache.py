"""Answered lists of times, ready to send, in Redis. It only saves work: PostgreSQL decides every booking.

One hash per tradie: the version of their calendar, and an answer per question. Whoever changes the calendar raises the
version and drops the answers in one script; an answer that was computed from an older calendar is refused by the
script that stores it. So a booking is visible in the very next answer, also when it meets a miss halfway.

Redis being away is a miss. A drop that could not be delivered is tried again until it is; meanwhile this process does
not read that tradie's answers.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

# KEYS: the hash. ARGV: version, question, value, seconds to keep. A newer version in the hash wins.
STORE = """
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
local version = tonumber(ARGV[1])
if known > version then return 0 end
if known < version then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'version', version, ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
# KEYS: the hash. ARGV: version, seconds to keep. Drops may arrive out of order; only a higher version drops.
DROP = """
if tonumber(redis.call('HGET', KEYS[1], 'version') or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
REST_AFTER_ERROR_SECONDS = 1.0
RETRY_DROPS_EVERY_SECONDS = 0.5


class Answer(NamedTuple):
    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> Answer:
        return cls(body, f'"{blake2b(body, digest_size=12).hexdigest()}"')


def question(when: str, service_id: uuid.UUID | str | None) -> str:
    """The name of an answer: a date or a month as asked, and the service (None: the tradie's first)."""
    return f"{when} {service_id or ''}"


def read(slug: str, asked: str) -> Answer | None:
    """The stored answer, if there is one that still holds at this moment."""
    if slug in _owed:
        return None
    value: bytes | None = _ask(lambda redis: _line.hget(redis, _key(slug), asked))
    if not value:
        return None
    head, _, body = value.partition(b"\n")
    good_until, _, etag = head.partition(b" ")
    return Answer(body, etag.decode()) if time.time() < float(good_until) else None


def store(slug: str, asked: str, version: int, answer: Answer, good_until: datetime) -> None:
    """Keep an answer computed from that version of the calendar until it stops being true by itself."""
    value = b"%.3f %s\n%s" % (good_until.timestamp(), answer.etag.encode(), answer.body)
    _ask(
        lambda redis: redis.eval(
            STORE, 1, _key(slug), str(version), asked, value, str(settings.SLOT_CACHE_SECONDS)
        )
    )


def drop(slug: str, version: int) -> None:
    """Forget all answers of a tradie whose calendar now has that version. Call it after commit."""
    if not _delivered(slug, version):
        _owe(slug, version)


def _key(slug: str) -> str:
    return f"slots:{slug}"


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

    def hget(self, redis: Redis, key: str, field: str) -> Any:
        if self.redis is not redis:
            self.redis, self.connection = redis, redis.connection_pool.get_connection()
        try:
            self.connection.send_command("HGET", key, field)
            return self.connection.read_response()
        except BaseException:
            # What comes next on it would be the answer to this question.
            self.connection.disconnect()
            raise


_line = _Line()


class _Breaker:
    """After an error Redis is left alone for a second, so that a frozen one costs few requests its timeout."""

    def __init__(self) -> None:
        self.errors = 0
        self._rest_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._rest_until

    def trip(self, problem: RedisError) -> None:
        self.errors += 1
        self._rest_until = time.monotonic() + REST_AFTER_ERROR_SECONDS
        logger.warning("slot cache: Redis is away (%s, %d so far)", type(problem).__name__, self.errors)


breaker = _Breaker()


def _ask(command: Callable[[Redis], Any]) -> Any:
    """The command's answer; None if Redis could not be asked."""
    if breaker.is_open():
        return None
    try:
        return command(_client(settings.REDIS_URL))
    except RedisError as problem:
        breaker.trip(problem)
        return None


# Drops that Redis has not heard of yet: slug -> version, and when every answer of then has lapsed anyway.
_owed: dict[str, tuple[int, float]] = {}
_owing = threading.Lock()
_payer: threading.Thread | None = None


def _delivered(slug: str, version: int) -> bool:
    keep = str(settings.SLOT_CACHE_SECONDS)
    return _ask(lambda redis: redis.eval(DROP, 1, _key(slug), str(version), keep)) is not None


def _owe(slug: str, version: int) -> None:
    global _payer
    with _owing:
        known, _ = _owed.get(slug, (0, 0.0))
        _owed[slug] = max(known, version), time.monotonic() + settings.SLOT_CACHE_SECONDS
        if _payer is None:
            _payer = threading.Thread(target=_pay, name="slot-cache-drops", daemon=True)
            _payer.start()


def _pay() -> None:
    global _payer
    while True:
        time.sleep(RETRY_DROPS_EVERY_SECONDS)
        for slug, (version, lapses) in list(_owed.items()):
            if time.monotonic() > lapses or _delivered(slug, version):
                _settle(slug, version)
        with _owing:
            if not _owed:
                _payer = None
                return


def _settle(slug: str, version: int) -> None:
    with _owing:
        if slug in _owed and _owed[slug][0] == version:
            del _owed[slug]
