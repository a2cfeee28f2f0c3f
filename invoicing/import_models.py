"""A file that a business brings along, as it was read."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Tradie, User


class BroughtFile(models.Model):
    """Kept for a day: its rows until they are brought in, then what became of each.

    `sheets`: [{"kind", "headings", "columns", "rows": [[line, cells]]}], `columns` being our name of each or "".
    `outcomes`: [{"kind", "line", "what", "name", "says"}], of the last look at it, or for good once it is brought in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.CASCADE, related_name="brought_files", db_index=False)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    sheets = models.JSONField(default=list)
    left_behind = models.JSONField(default=list, help_text="What else an archive has, in words.")
    usual_service = models.ForeignKey(
        "accounts.Service",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Of jobs that name none of ours.",
    )
    keeps_other_times = models.BooleanField(
        default=False, db_default=False, help_text="What lacks what a job needs becomes time off."
    )
    outcomes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    brought_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["created_at"], name="brought_file_by_age"),)
        constraints = (
            models.CheckConstraint(
                name="brought_file_keeps_no_rows_once_in", condition=Q(brought_in_at=None) | Q(sheets=[])
            ),
        )

    def __str__(self) -> str:
        return f"a file of {self.tradie_id}"
