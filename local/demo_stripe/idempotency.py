"""Idempotency keys, as Stripe keeps them: the first answer is stored and repeated for a day."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import StripeError
from .store import Store
from .world import Call

KEPT = 86_400.0


@dataclass(frozen=True)
class Stored:
    status: int
    body: bytes
    request_id: str


class Keys:
    """`claim` a key, `stored` answers for it, `keep` the answer."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.change("DELETE FROM replies WHERE created < ?", time.time() - KEPT)
        self._in_use: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, call: Call) -> Iterator[None]:
        """Raises StripeError 409 while another request with the same key is being handled."""
        if call.idempotency_key is None:
            yield
            return
        name = (call.account, call.idempotency_key)
        with self._lock:
            if name in self._in_use:
                raise _in_use(call.idempotency_key)
            self._in_use.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard(name)

    def stored(self, call: Call) -> Stored | None:
        """Raises StripeError 400 if the key was first used for another address or other parameters."""
        if call.idempotency_key is None:
            return None
        sql = "SELECT fingerprint, status, body, request_id FROM replies WHERE account = ? AND key = ? AND created > ?"
        rows = self.store.rows(sql, call.account, call.idempotency_key, time.time() - KEPT)
        if not rows:
            return None
        fingerprint, status, body, request_id = rows[0]
        if fingerprint != _fingerprint(call):
            raise _mismatch(call, fingerprint)
        return Stored(status, body, request_id)

    def keep(self, call: Call, status: int, body: bytes) -> None:
        """Validation errors, conflicts and rate limits are not kept: the request never began."""
        if call.idempotency_key is None or (400 <= status < 500 and status != 402):
            return
        self.store.change(
            "INSERT OR REPLACE INTO replies (account, key, fingerprint, request_id, status, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            call.account, call.idempotency_key, _fingerprint(call), call.request_id, status, body, time.time(),
        )  # fmt: skip


def _fingerprint(call: Call) -> str:
    params = json.dumps(call.params, sort_keys=True)
    return f"{call.method} {call.path} {hashlib.sha256(params.encode()).hexdigest()}"


def _in_use(key: str) -> StripeError:
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def _mismatch(call: Call, fingerprint: str) -> StripeError:
    method, path, _ = fingerprint.split(" ")
    if (method, path) != (call.method, call.path):
        first, other = f"{method} {path}", f"{call.method} {call.path}"
        message = (
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{first}' vs '{other}'). Try using a key other than '{call.idempotency_key}' if you meant to "
            "execute a different request."
        )
    else:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{call.idempotency_key}' if you meant to execute a different request."
        )
    return StripeError(message, kind="idempotency_error")
