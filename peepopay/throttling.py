"""Limits per client address. `RATE_LIMITS=off` switches them all off, for load tests.

Writes are counted in PostgreSQL, one statement each, so that they hold across processes and without Redis.
Reads are counted in the process: exact enough against a flood, and free.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from rest_framework.throttling import BaseThrottle

from .client_address import address_hash, client_address

READS_PER_MINUTE = 600  # of one process
_MOST_ADDRESSES = 10_000


class _ReadCounter:
    """A fixed window of a minute, per process. Forgets everything when the minute turns or the table is full."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def allow(self, address: str) -> bool:
        minute = int(time.time() // 60)
        with self._lock:
            if minute != self._minute or len(self._counts) > _MOST_ADDRESSES:
                self._minute, self._counts = minute, {}
            self._counts[address] = count = self._counts.get(address, 0) + 1
        return count <= READS_PER_MINUTE


_reads = _ReadCounter()


def allow_read(address: str) -> bool:
    """Whether one more read from this address is fine; always, with RATE_LIMITS=off."""
    return not settings.RATE_LIMITS or _reads.allow(address)


def count_try(key: str, *, window: timedelta, now: datetime) -> int:
    """Count one try under `key` in the current window; returns how many there were, this one included."""
    seconds = window.total_seconds()
    ends_at = datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO peepopay_ratecount AS r (key, count, ends_at) VALUES (%s, 1, %s)
               ON CONFLICT (key) DO UPDATE SET
                   count = CASE WHEN r.ends_at < excluded.ends_at THEN 1 ELSE r.count + 1 END,
                   ends_at = excluded.ends_at
               RETURNING count""",
            [key, ends_at],
        )
        return int(cursor.fetchone()[0])


class PublicReads(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return allow_read(client_address(request))

    def wait(self) -> float:
        return 60


class AddressLimit(BaseThrottle):
    """At most `limit` tries in `window` from one address, for one kind of write."""

    name: str
    limit: int
    window = timedelta(minutes=10)

    def allow_request(self, request: Any, view: Any) -> bool:
        if not settings.RATE_LIMITS:
            return True
        now = datetime.now(UTC)
        return count_try(f"{self.name}:{address_hash(request)}", window=self.window, now=now) <= self.limit

    def wait(self) -> float:
        seconds = self.window.total_seconds()
        return seconds - time.time() % seconds


class BookingAttempts(AddressLimit):
    name, limit = "book", 20


class CallBackAttempts(AddressLimit):
    name, limit = "call-back", 5


class WaitlistAttempts(AddressLimit):
    name, limit = "waitlist", 5


class WidgetReports(AddressLimit):
    name, limit = "report", 60


class PaymentAttempts(AddressLimit):
    name, limit = "pay", 30


class TokenAttempts(AddressLimit):
    """Reading and changing a booking with its token; stops guessing."""

    name, limit = "token", 300
