"""What a business says of the way to its jobs."""

from __future__ import annotations

from django.db import models


class ZoneColumns(models.Model):
    call_out_zones = models.JSONField(  # a list of CallOutZone, in the order in which they are tried
        "call-out zones",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        editable=False,
    )

    class Meta:
        abstract = True
