"""The latest API requests, for tests to count: "one PaymentIntent was created, not two"."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from email.message import Message
from typing import Any

from .world import Call

KEPT = 20_000
CARD_DATA = ("payment_method_data", "key", "client_secret")
TOO_LONG = ("file",)


class RequestLog:
    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def begin(self, call: Call, headers: Message) -> dict[str, Any]:
        """Notes a request as it arrives; the caller adds its status. `status` 0: never answered."""
        entry = {
            "at": time.time(), "method": call.method, "path": call.path, "account": "",
            "idempotency_key": headers.get("Idempotency-Key"), "status": 0, "replayed": False,
            "params": {name: value for name, value in call.params.items() if name not in CARD_DATA + TOO_LONG},
        }  # fmt: skip
        with self._lock:
            self._entries.append(entry)
        return entry

    def matching(self, pattern: str) -> list[dict[str, Any]]:
        """Oldest first: the requests whose "METHOD /path" matches the regular expression."""
        with self._lock:
            entries = list(self._entries)
        return [e for e in entries if re.search(pattern, f"{e['method']} {e['path']}")]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
