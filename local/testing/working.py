"""For tests: the workers' part, in the process of the test."""

from __future__ import annotations

from peepopay import outbox
from peepopay.celery_app import app
from peepopay.models import OutboxRow


def work_on(row: OutboxRow) -> None:
    """What a worker does with the task that is published for `row` as it is now; `row` is read again after."""
    row.refresh_from_db()
    app.loader.import_default_modules()
    app.tasks[outbox.task_name(type(row))]([(str(row.pk), row.lease)])
    row.refresh_from_db()
