"""Everything the demo remembers, in one SQLite file: it survives a restart, also a killed process.

An object is stored as its JSON, as the API shows it; keys that start with `_` are the demo's own and are never
shown. `account` is the connected account it belongs to, or "" for the platform. `parent` is what lists filter by
besides the date: the charge of a refund, the customer of a saved card, the type of
an event.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Object = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    parent TEXT, created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (account, kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects (parent, kind);
CREATE TABLE IF NOT EXISTS replies (
    account TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, created REAL NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, first_try REAL, last_status INTEGER);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS chores (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, object TEXT NOT NULL, account TEXT NOT NULL,
    due_at REAL NOT NULL);
"""


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def public(obj: Object) -> Object:
    """The object as the API shows it."""
    return {key: value for key, value in obj.items() if not key.startswith("_")}


class Store:
    """One connection and one lock: requests take turns, each within one transaction of about a millisecond."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def change(self, sql: str, *args: Any) -> int:
        """Runs one writing statement. -> rows changed."""
        with self._lock:
            return self._db.execute(sql, args).rowcount

    def insert(self, obj: Object, account: str, parent: str | None = None) -> Object:
        kind, moment = obj["object"], obj["_created"] if "_created" in obj else obj["created"]
        self.change(
            "INSERT INTO objects (id, kind, account, parent, created, body) VALUES (?, ?, ?, ?, ?, ?)",
            obj["id"], kind, account, parent, moment, json.dumps(obj),
        )  # fmt: skip
        return obj

    def save(self, obj: Object) -> None:
        self.change("UPDATE objects SET body = ? WHERE id = ?", json.dumps(obj), obj["id"])

    def belong(self, object_id: str, parent: str | None) -> None:
        """From now on it is found among the children of `parent`."""
        self.change("UPDATE objects SET parent = ? WHERE id = ?", parent, object_id)

    def get(self, kind: str, object_id: str, account: str) -> Object | None:
        """The object, or None: another account's objects do not exist."""
        found = self.rows(
            "SELECT body FROM objects WHERE id = ? AND kind = ? AND account = ?", object_id, kind, account
        )
        return json.loads(found[0][0]) if found else None

    def by_id(self, object_id: str) -> Object | None:
        """Whatever has this id, in any account: only for following a reference inside an object."""
        found = self.rows("SELECT body FROM objects WHERE id = ?", object_id)
        return json.loads(found[0][0]) if found else None

    def children(self, kind: str, parent: str) -> list[Object]:
        """Oldest first."""
        sql = "SELECT body FROM objects WHERE parent = ? AND kind = ? ORDER BY seq"
        return [json.loads(body) for (body,) in self.rows(sql, parent, kind)]

    def place_of(self, object_id: str, kind: str, account: str) -> int | None:
        sql = "SELECT seq FROM objects WHERE id = ? AND kind = ? AND account = ?"
        found = self.rows(sql, object_id, kind, account)
        return found[0][0] if found else None

    def wipe(self) -> None:
        with self.transaction():
            for table in ("objects", "replies", "deliveries", "chores"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - a fixed list

    def close(self) -> None:
        with self._lock:
            self._db.close()
