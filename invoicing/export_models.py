"""A file of everything that a business has with us, asked for by one of its owners."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Tradie, User
from peepopay.models import OutboxRow


class Export(OutboxRow):
    """Made by a worker, kept for a week. Its bytes lie in parts, so that neither who makes it nor who hands it out ever
    holds all of them."""

    queue = "sweeps"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.CASCADE, related_name="exports", db_index=False)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Known once it is made.")
    size_bytes = models.PositiveBigIntegerField(default=0)
    progress = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
        help_text="Where the next task goes on.",
    )

    class Meta(OutboxRow.Meta):
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["tradie"],
                name="export_one_at_a_time",
                condition=Q(done_at__isnull=True, dead_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"everything of {self.tradie_id}"


class ExportPart(models.Model):
    export = models.ForeignKey(Export, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["export", "number"], name="export_part_in_its_place"),)

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
