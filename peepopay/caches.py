"""What is kept where until it is out of date. No part of Django may be imported here: the settings read it."""

from __future__ import annotations

from typing import Any


def configuration(redis_url: str, *, timeout: float) -> dict[str, Any]:
    """Django's CACHES. `timeout`: seconds after which Redis is passed over."""
    return {
        # allauth refuses correct passwords when its cache is away, so the default cache lives in PostgreSQL.
        # It holds counted guesses, so nobody may push them out by filling it: 300 entries would be Django's limit.
        "default": {
            "BACKEND": "peepopay.counted_guesses.CountedGuesses",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        },
        "redis": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "peepopay",
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": timeout,
                "SOCKET_TIMEOUT": timeout,
                "IGNORE_EXCEPTIONS": True,
                "CONNECTION_POOL_KWARGS": {"retry": None, "max_connections": 20},
            },
        },
    }
