"""Work as rows: announced in the transaction, claimed when due, run alone, retried with backoff, given up visibly.

A row goes round like this: the transaction that needs the work writes it and calls `announce`; the relay `claim`s it
and publishes its key with its lease; the task calls `run`, which does the work and marks the row done. A crash anywhere
leaves the row open, and it comes due again when its lease is over. The broker therefore holds nothing that the rows
don't, and a copy that it delivers late, or twice, finds that the row has moved on.

New rows about the same thing go as one task (`OutboxRow.together`), and each still stands for itself: its lease, its
attempts, its failure.

A new kind of work is a model and a rule:

    class Refund(OutboxRow):
        queue = "webhooks"

    @outbox.handles(Refund)  # in the app's tasks.py
    def send_refund(refund: Refund, now: datetime) -> Changes | None: ...
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from celery import Task, shared_task
from django.apps import apps
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from . import outbox_sql, request_ids, task_memory
from .alone import holding
from .models import OutboxRow

logger = logging.getLogger(__name__)

CHANNEL = "peepopay_outbox"
LEASE = timedelta(seconds=90)  # twice the hard time limit of a task (45 s): by then it ended or died
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
MOST_ATTEMPTS = 10
# After such a row the others of its task go back: they would run into the task's time limit.
SLOW_SECONDS = 5.0
PAUSES = (0, 0.5, 1, 2, 4, 8)  # seconds, while the database is away
DIED = "The process that ran it died."
# No copy of its task runs any more.
PUT_OFF = {"running_since": None, "waiting_since": None, "lease": F("lease") + 1}
# There is something to do once more, for a row that was done.
AFRESH = {"done_at": None, "dead_at": None, "attempts": 0, "last_error": "", **PUT_OFF}

Row = TypeVar("Row", bound=OutboxRow)
Changes = Mapping[str, Any]
Rule = Callable[[Row, datetime], Changes | None]


@dataclass(frozen=True)
class Lease:
    """A claimed row: the task that is published for it runs only while `number` is still the row's. `group`: what it
    shares with rows that may go as one task; None for a row that goes alone."""

    key: Any
    number: int
    until: datetime
    group: Any = None


def kinds() -> list[type[OutboxRow]]:
    """Every model whose rows are work. Relay, self-check, admin and documentation go by this list."""
    found = [model for model in apps.get_models() if issubclass(model, OutboxRow)]
    return sorted(found, key=lambda model: model._meta.label)


def task_name(model: type[OutboxRow]) -> str:
    """`outbox.payments.refund`: known without importing what the task does, so that the relay stays small."""
    return f"outbox.{model._meta.label_lower}"


def handles(model: type[Row]) -> Callable[[Rule[Row]], Rule[Row]]:
    """Make the Celery task that does the work of `model`'s rows: `@handles(Refund)` on `rule(row, now)`.

    The rule answers as `run`'s `work` does, and may be called by itself.
    """

    def register(rule: Rule[Row]) -> Rule[Row]:
        @shared_task(name=task_name(model), bind=True)
        def task(self: Task, rows: Sequence[tuple[str, int]]) -> None:
            died = bool((self.request.delivery_info or {}).get("redelivered"))
            run_in_turn(model, rows, rule, died=died)

        return rule

    return register


def announce() -> None:
    """Wake the relay when this transaction commits; PostgreSQL folds repeats into one."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def put(rows: Sequence[OutboxRow], *, reviving: bool = False) -> None:
    """New rows of one kind, and `announce`, in one statement. One that is there already stays as it is; `reviving`: or
    begins anew, if it was given up and nobody has closed it (its key is what tells that it is there)."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(*outbox_sql.putting(rows, CHANNEL, reviving=reviving))


def open_rows(model: type[Row]) -> QuerySet[Row]:
    """Rows that are neither done nor given up."""
    return model._default_manager.filter(done_at__isnull=True, dead_at__isnull=True)


def stuck_rows(model: type[Row], *, since: datetime) -> QuerySet[Row]:
    """Open rows that came due before `since` and were not put off, however often they were claimed."""
    came_due: Any = Coalesce("waiting_since", "due_at")
    rows: Any = open_rows(model).annotate(came_due=came_due)
    return rows.filter(came_due__lt=since).order_by("came_due")


def kinds_due(models: Sequence[type[OutboxRow]], *, now: datetime) -> set[type[OutboxRow]]:
    """Those of which some row is due, and has been for as long as it has `no_hurry`. One statement, whose answer is
    mostly one of them or none."""
    with connection.cursor() as cursor:
        cursor.execute(outbox_sql.looking(tuple(models)), [now - model.no_hurry for model in models])
        return {model for model, is_due in zip(models, cursor.fetchone(), strict=True) if is_due}


def claim(
    model: type[Row], *, now: datetime, limit: int = 100, due_by: datetime | None = None
) -> list[Lease]:
    """Take up to `limit` due rows, oldest first, and lease them, so that only what gets lost comes back. `due_by`: only
    those that came due by then, instead of now.

    One statement: any number of relays may do this at once. It counts no attempt, because a row that waits in a queue
    for an hour has not been tried yet.
    """
    until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(outbox_sql.claiming(model), [due_by or now, limit, until])
        return [Lease(key, number, until, group) for key, number, group in cursor.fetchall()]


def give_back(model: type[Row], leases: list[Lease], *, due_at: datetime) -> None:
    """The broker did not take these, which were claimed together: make them due again, unless it did and they run."""
    keys, until = [lease.key for lease in leases], leases[0].until
    open_rows(model).filter(pk__in=keys, due_at=until).update(due_at=due_at)


def run_in_turn(
    model: type[Row], rows: Sequence[tuple[Any, int]], rule: Rule[Row], *, died: bool = False
) -> None:
    """One after the other, each as `run` does it; `rows`: (key, lease). What is left after a slow one, or after one in
    which a worker `died`, is due at once, for others to take."""
    if died and len(rows) > 1:
        _let_go(model, rows, now=timezone.now())
    began = time.monotonic()
    with task_memory.kept(), holding() as held:
        for position, (key, lease) in enumerate(rows):
            if position and time.monotonic() - began > SLOW_SECONDS:
                return _let_go(model, rows[position:], now=timezone.now())
            now = timezone.now()
            _run(model, key, lambda row, at=now: rule(row, at), now=now, lease=lease, held=held)  # type: ignore[misc]
    return None


def _let_go(model: type[Row], rows: Sequence[tuple[Any, int]], *, now: datetime) -> None:
    """Those that have not begun; this task can't run them any more."""
    for key, lease in rows:
        rest: Any = open_rows(model).filter(pk=key, lease=lease, running_since=None)
        rest.update(due_at=now, lease=lease + 1)


def run(
    model: type[Row],
    key: Any,
    work: Callable[[Row], Changes | None],
    *,
    now: datetime,
    lease: int | None = None,
) -> bool:
    """Do a row's work, alone, and only while `lease` is the row's (None: whichever). True if `work` ran to its end.

    `work` returns the changes to save when the row is marked done ({} for none), or None when it has called `finish`,
    `retry_later` or `bury` itself; a row that it left as it was comes back later. If it raises, the row comes back
    later too, or is dead at once when the exception's `retry_helps` is False.
    False also if there was nothing to do: done, dead, unknown, running elsewhere, or claimed or put off since.
    `work` must not hold a transaction open across a call to somebody else's service.
    """
    with holding() as held:
        return _run(model, key, work, now=now, lease=lease, held=held)


def _run(
    model: type[Row],
    key: Any,
    work: Callable[[Row], Changes | None],
    *,
    now: datetime,
    lease: int | None,
    held: list[str],
) -> bool:
    row = _begin(model, key, lease, now=now, held=held)
    if row is None:
        return False
    with request_ids.under(row.request_id):
        return _carry_out(row, work, now=now)


def _carry_out(row: Row, work: Callable[[Row], Changes | None], *, now: datetime) -> bool:
    try:
        changes = work(row)
    except Exception as problem:  # any bug in any handler: the row must not be lost
        _note_failure(row, problem, now=now)
        return False
    if changes is not None:
        _finish_through_an_outage(row, changes, now=now)
        logger.info("%s %s: done at attempt %d", row._meta.label, row.pk, row.attempts)
    elif open_rows(type(row)).filter(pk=row.pk, running_since__isnull=False).exists():
        retry_later(row, "Not finished yet.", now=now)
    return True


def _finish_through_an_outage(row: OutboxRow, changes: Changes, *, now: datetime) -> None:
    """The work is done and only its record is missing: to give that up would be to do the work twice. So this outlives
    a restart of PostgreSQL, within a task's time limit."""
    for pause in PAUSES:
        try:
            finish(row, now=now, **changes)
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(pause)
        else:
            return
    finish(row, now=now, **changes)


def _begin(model: type[Row], key: Any, lease: int | None, *, now: datetime, held: list[str]) -> Row | None:
    """Count the attempt before anything happens, so that work which kills its process is counted too.

    An attempt that died counts twice: five of those are enough. The lease stays the row's, so that the broker may
    deliver the task of a worker that died to another one at once.
    """
    name = f"{model._meta.db_table}:{key}"
    with connection.cursor() as cursor:
        cursor.execute(outbox_sql.beginning(model), [name, now + LEASE, now, DIED, key, lease])
        *columns, is_mine, is_begun = cursor.fetchone()
    if is_mine:
        held.append(name)
    if not is_begun:
        return None
    row = outbox_sql.row_of(model, columns)
    if row.attempts > MOST_ATTEMPTS:
        bury(row, DIED, now=now)
        return None
    return row


def _note_failure(row: OutboxRow, problem: Exception, *, now: datetime) -> None:
    expected = hasattr(problem, "retry_helps")
    error = str(problem) if expected else type(problem).__name__
    what = (row._meta.label, row.pk, row.attempts, type(problem).__name__)
    if expected:
        logger.warning("%s %s: attempt %d: %s", *what)
    else:
        logger.error("%s %s: attempt %d: %s", *what, exc_info=problem)
    if getattr(problem, "retry_helps", True):
        retry_later(row, error, now=now)
    else:
        bury(row, error, now=now)


def finish(row: OutboxRow, *, now: datetime, **changes: Any) -> bool:
    """Mark done, once; False if it was already done."""
    kept = {"done_at": now, "dead_at": None, "running_since": None, "last_error": "", **changes}
    with connection.cursor() as cursor:
        cursor.execute(*outbox_sql.finishing(row, kept))
        return bool(cursor.rowcount)


def retry_later(row: OutboxRow, error: str, *, now: datetime) -> None:
    """Come back after 30 s x 2^n, at most an hour; after the tenth attempt the row is dead and waits for a person."""
    if row.attempts >= MOST_ATTEMPTS:
        return bury(row, error, now=now)
    delay = min(FIRST_DELAY * 2 ** max(row.attempts - 1, 0), LONGEST_DELAY)
    open_rows(type(row)).filter(pk=row.pk).update(due_at=now + delay, last_error=error[:500], **PUT_OFF)
    return None


def look_again(row: OutboxRow, *, due_at: datetime) -> None:
    """Nothing failed, it only is not finished: come back at `due_at` with a fresh set of attempts."""
    type(row)._default_manager.filter(pk=row.pk, done_at__isnull=True).update(
        due_at=due_at, attempts=0, last_error="", **PUT_OFF
    )


def bury(row: OutboxRow, error: str, *, now: datetime) -> None:
    """Trying again can't help: dead at once, until a person revives it."""
    logger.error("%s %s: given up after attempt %d", row._meta.label, row.pk, row.attempts)
    open_rows(type(row)).filter(pk=row.pk).update(dead_at=now, running_since=None, last_error=error[:500])
