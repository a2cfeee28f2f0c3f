"""Building blocks that know no app: rows that stand for work, and counters that limit it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from . import request_ids


class OutboxRow(models.Model):
    """A piece of work that must happen after its transaction commits, exactly as often as it takes.

    The row is written with the change it follows from. The relay publishes rows that are due and pushes
    `due_at` ahead as a lease; only the handler that did the work marks it done, so a crash anywhere means
    that the row comes round again. See `peepopay/outbox.py`.

    A model that inherits from this names its `queue`, and has a rule with `@outbox.handles(Model)` in its app's
    `tasks.py`: nothing else lists it.
    """

    queue: ClassVar[str]  # whose workers act on it: one of `celery_config.task_queues`
    # New rows that share this field go as one task: half of a task's cost is Celery's.
    together: ClassVar[str] = ""
    # So long the relay leaves it after it came due. Those who wait for an answer are served first: what workers do for
    # the first of a crowd takes the processor from the last.
    no_hurry: ClassVar[timedelta] = timedelta(0)
    # Columns of its own that start anew when somebody has the row tried again, with what they are then.
    revived_as: ClassVar[Mapping[str, Any]] = {}

    due_at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text="When it came due; leases move due_at on, and leave this."
    )
    running_since = models.DateTimeField(null=True, blank=True)
    lease = models.PositiveIntegerField(
        default=0,
        help_text="Raised by each claim and put-off. A task runs only under the one it was published with.",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True, help_text="Given up; needs a person.")
    last_error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(
        max_length=request_ids.LENGTH,
        blank=True,
        default=request_ids.current,
        help_text="What it follows from; logs have it too.",
    )

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["due_at"],
                name="%(class)s_due",
                condition=Q(done_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(
                fields=["dead_at"],
                name="%(class)s_dead",
                condition=Q(done_at__isnull=True, dead_at__isnull=False),
            ),
        ]


class RateCount(models.Model):
    """How often something was tried in one window of time; counted in PostgreSQL so that limits hold without Redis."""

    key = models.CharField(max_length=160, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class FormPress(models.Model):
    """What came of a page that makes something new, by the key that it was shown with; see `web/dashboard/once.py`."""

    key = models.UUIDField(primary_key=True)
    leads_to = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.leads_to


class Heartbeat(models.Model):
    """When a program or a queue last showed that it lives; see `heartbeats.py`."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)  # figures of its last run: {"broken": 0}

    def __str__(self) -> str:
        return self.name
