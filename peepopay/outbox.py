"""Work as rows: announce it in the transaction, claim it when due, retry it with backoff, give up visibly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import F

from .models import OutboxRow

CHANNEL = "peepopay_outbox"
LEASE = timedelta(seconds=90)  # twice the hard time limit of a task (45 s): by then it ended or died
FIRST_DELAY_SECONDS = 30
LONGEST_DELAY = timedelta(hours=1)
MOST_ATTEMPTS = 10

Row = TypeVar("Row", bound=OutboxRow)


def announce() -> None:
    """Wake the relay when this transaction commits; PostgreSQL folds repeats into one."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def open_rows(model: type[Row]) -> Any:
    """Rows that are neither done nor given up."""
    return model._default_manager.filter(done_at__isnull=True, dead_at__isnull=True)


def claim(model: type[Row], *, now: datetime, limit: int = 100) -> list[Any]:
    """Take up to `limit` due rows, oldest first; each is leased, so that only a lost one comes back.

    Returns their primary keys. Counts the attempt here, so that a task which kills its process is counted too.
    Rows that used up their attempts are marked dead.
    """
    with transaction.atomic():
        due = list(
            open_rows(model)
            .filter(due_at__lte=now)
            .order_by("due_at")
            .select_for_update(skip_locked=True)
            .values_list("pk", "attempts")[:limit]
        )
        spent = [pk for pk, attempts in due if attempts >= MOST_ATTEMPTS]
        taken = [pk for pk, attempts in due if attempts < MOST_ATTEMPTS]
        if spent:
            model._default_manager.filter(pk__in=spent).update(dead_at=now)
        model._default_manager.filter(pk__in=taken).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return taken


def give_back(model: type[Row], keys: list[Any], *, due_at: datetime) -> None:
    """The broker did not take these: make them due again without counting the attempt."""
    open_rows(model).filter(pk__in=keys).update(due_at=due_at, attempts=F("attempts") - 1)


def finish(row: OutboxRow, *, now: datetime, **changes: Any) -> bool:
    """Mark done, once; False if it was already done."""
    manager = type(row)._default_manager
    return bool(manager.filter(pk=row.pk, done_at__isnull=True).update(done_at=now, last_error="", **changes))


def retry_later(row: OutboxRow, error: str, *, now: datetime) -> None:
    """Come back after 30 s x 2^n, at most an hour; after the tenth attempt the row is dead and waits for a person."""
    delay = min(timedelta(seconds=FIRST_DELAY_SECONDS * 2 ** max(row.attempts - 1, 0)), LONGEST_DELAY)
    changes: dict[str, Any] = {"due_at": now + delay, "last_error": error[:500]}
    if row.attempts >= MOST_ATTEMPTS:
        changes["dead_at"] = now
    type(row)._default_manager.filter(pk=row.pk, done_at__isnull=True).update(**changes)


def bury(row: OutboxRow, error: str, *, now: datetime) -> None:
    """Trying again can't help: dead at once."""
    manager = type(row)._default_manager
    manager.filter(pk=row.pk, done_at__isnull=True).update(dead_at=now, last_error=error[:500])


def revive(model: type[Row], keys: list[Any], *, now: datetime) -> int:
    """An operator's retry: due now, with a fresh set of attempts. Returns how many rows it touched."""
    with transaction.atomic():
        touched = model._default_manager.filter(pk__in=keys, done_at__isnull=True).update(
            dead_at=None, due_at=now, attempts=0
        )
        announce()
    return touched
