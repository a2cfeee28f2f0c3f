"""What every task has. `celery_app` names it."""

from __future__ import annotations

from typing import Any

from celery import Task
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from . import request_ids
from .measured_queries import ERRORS


class WorkerTask(Task):
    """Runs under its own id, until a row says whose work it is (`outbox.run`).

    A worker's child keeps its connection from task to task: a new one for each would cost it 3 ms and PostgreSQL a
    process.
    """

    def __call__(self, *args: Any, **options: Any) -> Any:
        with request_ids.under((self.request.id or "").replace("-", ""), lambda: self.name):
            return super().__call__(*args, **options)

    def before_start(self, *_: Any) -> None:
        """What is too old is replaced, and what died meanwhile is found dead by the first statement's health check."""
        close_old_connections()

    def on_failure(self, problem: BaseException, *_: Any) -> None:
        """A task that was cut short may have left an advisory lock in its session."""
        if isinstance(problem, (OperationalError, InterfaceError)):
            ERRORS.inc()
        connections.close_all()
