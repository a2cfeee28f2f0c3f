"""Delivers events to the application: signed, at least once, with retries that outlive a restart.

A delivery is a row, written in the transaction of the change it tells of. How deliveries behave can be changed
while the demo runs (`Manner`), so that tests can lose, hold, repeat, delay and reorder them.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from urllib.parse import urlsplit

from .store import Store, public

TIMEOUT = 5.0
KEEP_TRYING = 3600.0
LONGEST_WAIT = 60.0
SENDERS = 8
ALL = "*"


@dataclass
class Manner:
    """How events are delivered. `copies` of each; `lose`: the share (0 to 1) that is never sent."""

    hold: bool = False
    copies: int = 1
    lose: float = 0.0
    delay: float = 0.0
    shuffle: float = 0.0


def signature(secret: str, timestamp: int, payload: bytes) -> str:
    """-> the `Stripe-Signature` header: `t=UNIX,v1=HMAC-SHA256 of "UNIX.payload"`."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


class Postman:
    """One thread watches what is due; a few senders carry it."""

    def __init__(self, store: Store, url: str, secret: str, events: tuple[str, ...] = (ALL,)) -> None:
        self.store, self.url, self.secret, self.events = store, url, secret, events
        self.manner = Manner()
        self._random = random.Random()  # noqa: S311 - shuffles deliveries, guards nothing
        self._wake = threading.Event()
        self._stopped = False
        self._on_the_way: set[int] = set()
        self._bag: SimpleQueue[tuple[int, str]] = SimpleQueue()

    def is_asked_for(self, event_type: str) -> bool:
        """As an endpoint's `enabled_events` say."""
        return bool(self.url) and (ALL in self.events or event_type in self.events)

    def queue(self, event_id: str, event_type: str, at: float) -> None:
        """Adds the deliveries of an event. To be called in the transaction that made the event."""
        if not self.is_asked_for(event_type):
            return
        manner = self.manner
        for _ in range(manner.copies):
            lost = self._random.random() < manner.lose
            state = "lost" if lost else "held" if manner.hold else "due"
            due_at = at + manner.delay + self._random.random() * manner.shuffle
            self._add(event_id, state, due_at)

    def resend(self, event_id: str) -> None:
        """Once more, now, whatever the manner."""
        self._add(event_id, "due", time.time())

    def release(self) -> int:
        """Lets held deliveries go. -> how many."""
        released = self.store.change(
            "UPDATE deliveries SET state = 'due', due_at = ? WHERE state = 'held'", time.time()
        )
        self.wake()
        return released

    def hasten(self) -> int:
        """Makes waiting retries and delayed deliveries due at once. -> how many."""
        hastened = self.store.change("UPDATE deliveries SET due_at = ? WHERE state = 'due'", time.time())
        self.wake()
        return hastened

    def counts(self) -> dict[str, int]:
        """-> {state: number of deliveries}; the states are due, held, done, lost, dead."""
        sql = "SELECT state, COUNT(*) FROM deliveries GROUP BY state"
        return dict.fromkeys(("due", "held", "done", "lost", "dead"), 0) | dict(self.store.rows(sql))

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self.wake()

    def run(self, do_chores: Callable[[], None]) -> None:
        """Starts the senders and watches: returns only after `stop`. `do_chores` is called whenever it wakes."""
        for _ in range(SENDERS):
            threading.Thread(target=self._carry, daemon=True).start()
        while not self._stopped:
            self._wake.clear()
            do_chores()
            self._wake.wait(timeout=self._hand_out())

    def _hand_out(self) -> float:
        """Gives what is due to the senders. -> seconds until the next one is due (at most one)."""
        sql = "SELECT id, event, due_at FROM deliveries WHERE state = 'due' ORDER BY due_at LIMIT 200"
        for delivery, event_id, due_at in self.store.rows(sql):
            wait = due_at - time.time()
            if wait > 0:
                return float(min(wait, 1.0))
            if delivery not in self._on_the_way and len(self._on_the_way) < SENDERS:
                self._on_the_way.add(delivery)
                self._bag.put((delivery, event_id))
        return 1.0

    def _carry(self) -> None:
        while True:
            delivery, event_id = self._bag.get()
            try:
                if self._still_due(delivery):
                    self._note(delivery, self._send(event_id))
            except Exception as error:  # whatever it is, the sender must live on and say so
                sys.stderr.write(f"webhook {event_id}: {error!r}\n")
            finally:
                self._on_the_way.discard(delivery)
                self.wake()

    def _still_due(self, delivery: int) -> bool:
        """It may have been delivered between being found and being handed out."""
        sql = "SELECT 1 FROM deliveries WHERE id = ? AND state = 'due' AND due_at <= ?"
        return bool(self.store.rows(sql, delivery, time.time()))

    def _send(self, event_id: str) -> int:
        """-> the HTTP status of the answer, or 0 if there was none."""
        found = self.store.rows("SELECT body FROM objects WHERE id = ?", event_id)
        if not found:
            return 200
        payload = json.dumps(public(json.loads(found[0][0])), indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(self.secret, int(time.time()), payload),
        }
        address = urlsplit(self.url)
        connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = connect(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            connection.request("POST", address.path or "/", payload, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def _note(self, delivery: int, status: int) -> None:
        sql = "SELECT attempts, first_try FROM deliveries WHERE id = ?"
        rows = self.store.rows(sql, delivery)
        if not rows:
            return
        attempts, first_try = rows[0][0] + 1, rows[0][1] or time.time()
        wait = min(2.0 ** (attempts - 1), LONGEST_WAIT)
        state = "due"
        if 200 <= status < 300:
            state = "done"
        elif time.time() + wait - first_try > KEEP_TRYING:
            state = "dead"
        self.store.change(
            "UPDATE deliveries SET state = ?, attempts = ?, first_try = ?, last_status = ?, due_at = ? WHERE id = ?",
            state, attempts, first_try, status, time.time() + wait, delivery,
        )  # fmt: skip

    def _add(self, event_id: str, state: str, due_at: float) -> None:
        sql = "INSERT INTO deliveries (event, state, due_at) VALUES (?, ?, ?)"
        self.store.change(sql, event_id, state, due_at)
        self.wake()
